//! Hints that a text may name a person who should not be in a plan. Looked for on the device, sent nowhere.

/// What a text seems to hold: sentences for whoever is writing it. Empty where nothing was found.
pub fn privacy_hints(text: &str) -> Vec<String> {
    let mut hints = Vec::new();
    let words: Vec<&str> =
        text.split(|c: char| c.is_whitespace() || matches!(c, ',' | ';' | '(' | ')')).collect();
    if words.iter().any(|word| is_finnish_code(word) || is_swedish_number(word)) {
        hints.push("this looks like a personal identity code: a plan holds none".to_owned());
    }
    if has_phone_number(text) {
        hints.push("this looks like a phone number: it will be seen by every member".to_owned());
    }
    hints
}

/// `131052-308T`: six digits, a century sign, three digits and a check character.
fn is_finnish_code(word: &str) -> bool {
    let word = word.trim_matches(|c: char| !c.is_alphanumeric());
    let chars: Vec<char> = word.chars().collect();
    let [date @ .., century, a, b, c, check] = chars.as_slice() else { return false };
    let century_signs = "+-ABCDEFUVWXY";
    date.len() == 6
        && date.iter().chain([a, b, c]).all(char::is_ascii_digit)
        && century_signs.contains(*century)
        && {
            let digits: String = date.iter().chain([a, b, c]).collect();
            let number: u64 = digits.parse().unwrap_or_default();
            let index = usize::try_from(number % 31).unwrap_or_default();
            "0123456789ABCDEFHJKLMNPRSTUVWXY".chars().nth(index) == Some(check.to_ascii_uppercase())
        }
}

/// `640823-3234` or `19640823-3234`: a date, a sign, four digits of which the last is a Luhn check digit.
fn is_swedish_number(word: &str) -> bool {
    let word = word.trim_matches(|c: char| !c.is_ascii_digit());
    let Some((date, last)) = word.split_once(['-', '+']) else { return false };
    let date = if date.len() == 8 { date.get(2..).unwrap_or_default() } else { date };
    if date.len() != 6 || last.len() != 4 || !date.chars().chain(last.chars()).all(|c| c.is_ascii_digit()) {
        return false;
    }
    let sum: u32 = date
        .chars()
        .chain(last.chars())
        .enumerate()
        .filter_map(|(place, c)| {
            let digit = c.to_digit(10)? * if place % 2 == 0 { 2 } else { 1 };
            Some(digit / 10 + digit % 10)
        })
        .sum();
    sum.is_multiple_of(10)
}

/// Seven to fifteen digits in a row, spaces and hyphens between them allowed, beginning with `+` or `0`.
fn has_phone_number(text: &str) -> bool {
    let mut digits = 0;
    let mut begins_well = false;
    for c in text.chars().chain(['\n']) {
        match c {
            '0'..='9' | '+' => {
                if digits == 0 {
                    begins_well = c == '+' || c == '0';
                }
                digits += 1;
            }
            ' ' | '-' if digits > 0 => {}
            _ => {
                if begins_well && (8..=16).contains(&digits) {
                    return true;
                }
                digits = 0;
                begins_well = false;
            }
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::privacy_hints;

    #[test]
    fn finnish_and_swedish_codes_are_noticed() {
        assert_eq!(privacy_hints("pojken (131052-308T) är ensam").len(), 1);
        assert_eq!(privacy_hints("640823-3234").len(), 1);
        assert_eq!(privacy_hints("19640823-3234").len(), 1);
    }

    #[test]
    fn codes_with_a_wrong_check_digit_and_dates_are_not() {
        assert!(privacy_hints("131052-308A").is_empty());
        assert!(privacy_hints("640823-3235").is_empty());
        assert!(privacy_hints("uppföljning 2027-03-24, v. 8, 14 dagar").is_empty());
    }

    #[test]
    fn phone_numbers_are_noticed() {
        assert_eq!(privacy_hints("ring 040 123 4567").len(), 1);
        assert_eq!(privacy_hints("+358 40 1234567").len(), 1);
    }
}
