//! Numbers as a reader is shown them.

use trace::statistics::Interval;

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

/// Where a ratio lies, without the sign of times: `0.49–0.53`.
pub fn ratio_interval(interval: Interval) -> String {
    let end = |value: f64| ratio(value).trim_end_matches('×').to_owned();
    format!("{}–{}", end(interval.low), end(interval.high))
}

/// Where a time lies, in milliseconds: `401–424`.
pub fn millis_interval(interval: Interval) -> String {
    let end = |nanos: f64| millis_from_nanos(nanos.max(0.0).round() as u64);
    format!("{}–{}", end(interval.low), end(interval.high))
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
    fn intervals_have_the_places_of_their_ends() {
        let interval = |low, high| Interval { low, high };
        assert_eq!(ratio_interval(interval(0.486, 0.534)), "0.49–0.53");
        assert_eq!(ratio_interval(interval(9.9, 12.34)), "9.90–12.3");
        assert_eq!(millis_interval(interval(401.4e6, 424e6)), "401–424");
    }

    #[test]
    fn long_numbers_are_grouped() {
        assert_eq!([7, 123, 1_000, 1_234_567].map(grouped), ["7", "123", "1\u{202f}000", "1\u{202f}234\u{202f}567"]);
    }
}
