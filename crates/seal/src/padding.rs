//! Padmé (Nikitin et al. 2019, PURBs): lengths are rounded up so that they tell O(log log n) bits, at most 12 % more.

/// The length that `len` is padded to.
pub(crate) fn padme(len: usize) -> usize {
    if len < 2 {
        return len;
    }
    let exponent = len.ilog2();
    let kept = exponent.ilog2() + 1;
    let mask = (1_usize << (exponent - kept.min(exponent))) - 1;
    (len + mask) & !mask
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn rounds_as_the_paper_does() {
        let padded = [0, 1, 2, 8, 9, 10, 100, 1000, 9_999, 1_000_000].map(padme);

        assert_eq!(padded, [0, 1, 2, 8, 10, 10, 104, 1024, 10_240, 1_015_808]);
    }

    proptest! {
        #[test]
        fn never_shrinks_and_costs_at_most_twelve_per_cent(len in 0_usize..64 * 1024 * 1024) {
            let padded = padme(len);

            prop_assert!(padded >= len);
            prop_assert!((padded - len) * 100 <= len * 12);
            prop_assert_eq!(padme(padded), padded);
        }
    }
}
