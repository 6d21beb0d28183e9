//! Numbers as a reader is shown them.

/// A time in milliseconds, with as many places as carry meaning: `0.42`, `7.3`, `412`.
pub fn millis_from_nanos(nanos: u64) -> String {
    let millis = nanos as f64 / 1e6;
    if millis < 1.0 {
        format!("{millis:.2}")
    } else if millis < 10.0 {
        format!("{millis:.1}")
    } else {
        format!("{millis:.0}")
    }
}

/// A ratio, with two places where it is small: `0.52×`, `12.4×`, `131×`.
pub fn ratio(ratio: f64) -> String {
    if ratio < 9.995 {
        format!("{ratio:.2}×")
    } else if ratio < 99.95 {
        format!("{ratio:.1}×")
    } else {
        format!("{ratio:.0}×")
    }
}

/// A whole number in groups of three: `500 000`. The blank is a narrow one that does not break.
pub fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push('\u{202f}');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_keep_the_places_that_carry_meaning() {
        let shown = [0, 4_000, 420_000, 999_999, 7_340_000, 99_499_999, 412_345_678].map(millis_from_nanos);
        assert_eq!(shown, ["0.00", "0.00", "0.42", "1.00", "7.3", "99", "412"]);
    }

    #[test]
    fn ratios_keep_the_places_that_carry_meaning() {
        assert_eq!(
            [0.0, 0.516, 1.0, 9.994, 9.996, 12.44, 99.96, 131.4].map(ratio),
            ["0.00×", "0.52×", "1.00×", "9.99×", "10.0×", "12.4×", "100×", "131×"]
        );
    }

    #[test]
    fn long_numbers_are_grouped() {
        assert_eq!([7, 123, 1_000, 1_234_567].map(grouped), ["7", "123", "1\u{202f}000", "1\u{202f}234\u{202f}567"]);
    }
}
