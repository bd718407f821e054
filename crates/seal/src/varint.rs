//! Unsigned LEB128, one encoding for each number.

use samverka_log::wire::{Reader, Writer};

use crate::content::ContentError;

/// Appends a number.
pub(crate) fn write(out: &mut Writer, mut value: u64) {
    loop {
        let low = value.to_le_bytes()[0] & 0x7f;
        value >>= 7;
        if value == 0 {
            out.u8(low);
            return;
        }
        out.u8(low | 0x80);
    }
}

/// Reads a number; refuses a longer encoding than needed.
pub(crate) fn read(input: &mut Reader<'_>) -> Result<u64, ContentError> {
    let mut value = 0_u64;
    for index in 0..10_u32 {
        let byte = input.u8()?;
        let bits = u64::from(byte & 0x7f);
        let overflows = index == 9 && byte > 1;
        let overlong = index > 0 && byte == 0;
        if overflows || overlong {
            return Err(ContentError::Number);
        }
        value |= bits << (7 * index);
        if byte < 0x80 {
            return Ok(value);
        }
    }
    Err(ContentError::Number)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_number_has_one_encoding() {
        for overlong in [&[0x80, 0x00][..], &[0xff, 0x80, 0x00], &[0xff; 10], &[0x80; 11]] {
            assert!(read(&mut Reader::new(overlong)).is_err(), "{overlong:x?}");
        }
    }

    proptest! {
        #[test]
        fn every_number_comes_back(value in any::<u64>(), shift in 0_u32..64) {
            let value = value >> shift;
            let mut out = Writer::new();
            write(&mut out, value);
            let bytes = out.finish();

            let mut input = Reader::new(&bytes);

            prop_assert_eq!(read(&mut input), Ok(value));
            prop_assert_eq!(input.left(), 0);
        }
    }
}
