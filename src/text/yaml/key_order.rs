//! The order in which Go's YAML library writes keys.

use std::cmp::Ordering;

/// The order of keys: letters after other characters, runs of digits by their value.
pub(super) fn compare_keys(a: &str, b: &str) -> Ordering {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    for at in 0..a.len().min(b.len()) {
        if a[at] == b[at] {
            continue;
        }
        match (a[at].is_alphabetic(), b[at].is_alphabetic()) {
            (true, true) => return a[at].cmp(&b[at]),
            (true, false) => return Ordering::Greater,
            (false, true) => return Ordering::Less,
            (false, false) => {}
        }
        // A zero inside a number counts as a digit of it, a leading one does not.
        let inside_number = (a[at] == '0' || b[at] == '0')
            && a[..at].iter().rev().take_while(|c| c.is_ascii_digit()).any(|c| *c != '0');
        let run = |text: &[char]| -> (u128, usize) {
            let digits: Vec<u128> = text[at..].iter().map_while(|c| c.to_digit(10)).map(u128::from).collect();
            let start = u128::from(inside_number);
            (
                digits.iter().fold(start, |sum, digit| sum.saturating_mul(10).saturating_add(*digit)),
                digits.len(),
            )
        };
        let ((a_value, a_length), (b_value, b_length)) = (run(&a), run(&b));
        return a_value.cmp(&b_value).then(a_length.cmp(&b_length)).then(a[at].cmp(&b[at]));
    }
    a.len().cmp(&b.len())
}
