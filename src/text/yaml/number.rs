//! Numbers as Go's YAML and JSON libraries hand them to each other.

use serde_json::Number;

/// A float as it is read back from JSON, where `1.0` is `1`; `None` if JSON cannot hold it.
pub(super) fn from_float(float: f64) -> Option<Number> {
    let is_negative_zero = float == 0.0 && float.is_sign_negative();
    if float.fract() == 0.0 && float.abs() < 1e21 && !is_negative_zero {
        // The shortest digits, then zeros: that is not always the exact value.
        let digits = float.to_string();
        let integer = digits.parse::<i64>().map(Number::from);
        if let Ok(integer) = integer.or_else(|_| digits.parse::<u64>().map(Number::from)) {
            return Some(integer);
        }
    }
    Number::from_f64(float)
}

/// A number as it is written in YAML.
pub fn text(number: &Number) -> String {
    match number.as_f64().filter(|_| number.is_f64()) {
        None => number.to_string(),
        Some(0.0) => "0".to_owned(),
        Some(float) => match from_float(float) {
            Some(integer) if !integer.is_f64() => integer.to_string(),
            _ => shortest(float),
        },
    }
}

/// What is left of a number in Go programs that read JSON without types: a float, in which large integers lose their last digits.
pub fn as_float(number: &Number) -> Number {
    number.as_f64().and_then(from_float).unwrap_or_else(|| number.clone())
}

/// A float as Go's `'g'` prints it: the shortest digits, with an exponent below -4 and from 6 on.
pub fn shortest(float: f64) -> String {
    scientific(&format!("{float:e}")).unwrap_or_else(|| float.to_string())
}

/// A float that is a key: it keeps as many digits as half the width holds.
pub(super) fn key(float: f64) -> String {
    #[expect(clippy::cast_possible_truncation, reason = "the digits that are lost are lost in Go, too")]
    let half = float as f32;
    if half.is_nan() {
        return ".nan".to_owned();
    }
    if half.is_infinite() {
        return if half > 0.0 { ".inf" } else { "-.inf" }.to_owned();
    }
    scientific(&format!("{half:e}")).unwrap_or_else(|| half.to_string())
}

/// Rust's `1.5e-7` as Go's `1.5e-07`; `None` if Go writes no exponent.
fn scientific(text: &str) -> Option<String> {
    let (mantissa, exponent) = text.split_once('e')?;
    let exponent: i32 = exponent.parse().ok()?;
    if (-4..6).contains(&exponent) {
        return None;
    }
    let sign = if exponent < 0 { '-' } else { '+' };
    Some(format!("{mantissa}e{sign}{:02}", exponent.abs()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::Value;
    use serde_json::json;

    #[test]
    fn floats_have_an_exponent_where_go_writes_one() {
        for (float, written) in [
            (1_234_567.5, "1.2345675e+06"),
            (123_456.5, "123456.5"),
            (1e-5, "1e-05"),
            (0.000_25, "0.00025"),
            (-2.5e-10, "-2.5e-10"),
            (1e20, "1e+20"),
            (1.5e300, "1.5e+300"),
        ] {
            assert_eq!(text(&json!(float).as_number().unwrap().clone()), written);
        }
        assert_eq!(text(&Number::from_f64(1e18).unwrap()), "1000000000000000000");
        assert_eq!(text(&Number::from_f64(-0.0).unwrap()), "0");
        assert_eq!((key(0.1), key(1e39)), ("0.1".to_owned(), ".inf".to_owned()));
    }

    #[test]
    fn integers_lose_the_digits_that_a_float_cannot_hold() {
        for (whole, left) in [
            (json!(12_345_678_901_234_567_890_u64), json!(12_345_678_901_234_567_000_u64)),
            (json!(-9_007_199_254_740_993_i64), json!(-9_007_199_254_740_992_i64)),
            (json!(7), json!(7)),
            (json!(0.5), json!(0.5)),
        ] {
            assert_eq!(Value::Number(as_float(whole.as_number().unwrap())), left);
        }
    }
}
