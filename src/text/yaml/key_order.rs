//! The order in which Go's YAML library writes keys.

use std::cmp::Ordering;

/// The order of keys: letters after other characters, runs of digits by their value.
pub fn compare_keys(a: &str, b: &str) -> Ordering {
    let differs = |((_, a), b): &((usize, char), char)| a != b;
    let Some(((at, first), second)) = a.char_indices().zip(b.chars()).find(differs) else {
        return a.len().cmp(&b.len());
    };
    match (first.is_alphabetic(), second.is_alphabetic()) {
        (true, true) => return first.cmp(&second),
        (true, false) => return Ordering::Greater,
        (false, true) => return Ordering::Less,
        (false, false) => {}
    }
    // A zero inside a number counts as a digit of it, a leading one does not.
    let inside_number = (first == '0' || second == '0')
        && a[..at].bytes().rev().take_while(u8::is_ascii_digit).any(|digit| digit != b'0');
    let run = |text: &str| -> (u128, usize) {
        let digits = text.bytes().take_while(u8::is_ascii_digit).map(|digit| u128::from(digit - b'0'));
        let grown = |sum: u128, digit| sum.saturating_mul(10).saturating_add(digit);
        digits.fold((u128::from(inside_number), 0), |(sum, length), digit| (grown(sum, digit), length + 1))
    };
    run(&a[at..]).cmp(&run(&b[at..])).then(first.cmp(&second))
}
