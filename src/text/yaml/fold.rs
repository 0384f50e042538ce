//! What is left of a folded block when kustomize has written it as one and read it again: it does so at the end of every build.

use super::parse::Parser;
use super::scan::Dialect;
use super::style::block_header;
use super::style::is_line_break;
use super::tree::Tree;
use crate::text::json;
use serde_json::Value;
use std::borrow::Cow;

/// A text as it is after Go has written it as JSON and read that as YAML: NEL, which JSON does not escape, is a line break then.
pub fn reread(text: &str) -> Cow<'_, str> {
    if !text.contains('\u{85}') {
        return text.into();
    }
    let document = json::compact(&Value::from(text));
    match Parser::new(&document, Dialect::Two).and_then(|mut parser| parser.document()) {
        Ok(Some(Tree::Scalar(leaf))) => leaf.text.into(),
        _ => text.into(),
    }
}

/// The text after a round of folding.
pub(super) fn refolded(text: &str) -> String {
    let document = format!("k: >{}", folded(text, "  "));
    let read = Parser::new(&document, Dialect::Three).and_then(|mut parser| parser.document());
    match read {
        Ok(Some(Tree::Mapping(_, mut fields))) => match fields.pop() {
            Some((_, Tree::Scalar(leaf))) => leaf.text,
            _ => text.to_owned(),
        },
        _ => text.to_owned(),
    }
}

/// The block as Go's library writes it. Between lines it writes one newline more, unless the first line of the text begins with a blank, wherever the newlines are.
pub(super) fn folded(text: &str, margin: &str) -> String {
    let begins_with_blank = text.trim_start_matches(is_line_break).starts_with([' ', '\t']);
    let mut block = block_header(text);
    let (mut after_break, mut is_indented_line) = (true, true);
    for character in text.chars() {
        if is_line_break(character) {
            if character == '\n' && !after_break && !is_indented_line && !begins_with_blank {
                block.push('\n');
            }
            after_break = true;
        } else if after_break {
            block.push_str(margin);
            is_indented_line = matches!(character, ' ' | '\t');
            after_break = false;
        }
        block.push(character);
    }
    block
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_that_are_not_indented_are_joined_and_others_stay() {
        for (text, wanted) in [
            ("one line", "one line"),
            ("all(c,\n  ok(c)\n)", "all(c,\n\n  ok(c)\n)"),
            ("one\ntwo\n\nthree\n", "one\ntwo\n\nthree\n"),
            ("  first\nsecond\nthird\n", "  first\nsecond third\n"),
            ("\nfirst\nsecond", "\nfirst\nsecond"),
            ("tab\there\n\tthere\n", "tab\there\n\n\tthere\n"),
            ("kept\n\n\n", "kept\n\n\n\n"),
        ] {
            assert_eq!(refolded(text), wanted, "{text:?}");
        }
    }
}
