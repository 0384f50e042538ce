//! One scalar as Go's newer library writes it: in the style that is wanted, if its text can have that.

use super::fold::folded;
use super::node::Node;
use super::node::Tag;
use super::scan::ScalarStyle;
use super::style::Shape;
use super::style::block_header;
use super::style::escaped;
use super::style::is_line_break;
use super::style::needs_escape;

/// Where a scalar is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Around {
    Block,
    /// In `[]` or `{}`.
    Flow,
    /// It is a key.
    Key,
}

/// Writes a scalar, with its tag if its text would be read as something else. Further lines are indented by `indent`; a block ends in a newline.
pub fn scalar(text: &str, style: ScalarStyle, tag: Tag, around: Around, indent: usize) -> String {
    let (tag, style) = match (style, tag_in_front(text, tag)) {
        (ScalarStyle::Plain, tag) if text.contains('\n') => (tag.unwrap_or_default(), ScalarStyle::Literal),
        (ScalarStyle::Plain, None) => ("", ScalarStyle::Double),
        (ScalarStyle::Plain, Some(tag)) => (tag, ScalarStyle::Plain),
        (style, _) => ("", style),
    };
    let margin = " ".repeat(indent);
    let written = match possible(text, style, around) {
        ScalarStyle::Plain => text.to_owned(),
        ScalarStyle::Single => single_quoted(text, &margin),
        ScalarStyle::Double => double_quoted(text),
        ScalarStyle::Literal => block("|", literal(text, &margin)),
        ScalarStyle::Folded => block(">", folded(text, &margin)),
    };
    match (tag, written.as_str()) {
        ("", _) => written,
        (tag, "") => tag.to_owned(),
        (tag, written) => format!("{tag} {written}"),
    }
}

/// The tag that a plain scalar needs, which may be none; `None` for a text that needs quotes instead.
fn tag_in_front(text: &str, tag: Tag) -> Option<&'static str> {
    let read = Node::plain(text, Tag::Implicit);
    let is_read_so = matches!(&read, Node::Scalar(scalar) if scalar.settled() == tag) && !read.is_time();
    match tag {
        Tag::Implicit | Tag::Unset => Some(""),
        _ if is_read_so => Some(""),
        Tag::Text => None,
        Tag::Integer => Some("!!int"),
        Tag::Float => Some("!!float"),
        Tag::Bool => Some("!!bool"),
        Tag::Null => Some("!!null"),
    }
}

/// The style that a text can have there.
fn possible(text: &str, wanted: ScalarStyle, around: Around) -> ScalarStyle {
    let shape = Shape::of(text);
    match wanted {
        _ if around == Around::Key && text.contains(is_line_break) => ScalarStyle::Double,
        ScalarStyle::Plain if text.is_empty() && around == Around::Block => ScalarStyle::Plain,
        ScalarStyle::Plain if shape.is_plain(text, around == Around::Flow) => ScalarStyle::Plain,
        ScalarStyle::Plain | ScalarStyle::Single if shape.is_single() => ScalarStyle::Single,
        ScalarStyle::Literal | ScalarStyle::Folded
            if shape.block_with_tabs_allowed && around == Around::Block =>
        {
            wanted
        }
        _ => ScalarStyle::Double,
    }
}

fn double_quoted(text: &str) -> String {
    // As Go's library does, a text that begins with a mark is escaped as a whole.
    let all = text.starts_with('\u{feff}');
    let inner = text.chars().map(|c| if all || needs_escape(c) { escaped(c) } else { c.to_string() });
    format!("\"{}\"", inner.collect::<String>())
}

/// A newline is written as two, one of which a reader drops.
fn single_quoted(text: &str, margin: &str) -> String {
    let mut out = String::from("'");
    let mut after_break = false;
    for c in text.chars() {
        let is_break = is_line_break(c);
        if c == '\n' && !after_break {
            out.push('\n');
        }
        if after_break && !is_break && c != ' ' {
            out.push_str(margin);
        }
        if c == '\'' {
            out.push('\'');
        }
        out.push(c);
        after_break = is_break;
    }
    out.push('\'');
    out
}

fn literal(text: &str, margin: &str) -> String {
    let mut out = block_header(text);
    let mut after_break = true;
    for c in text.chars() {
        let is_break = is_line_break(c);
        if after_break && !is_break {
            out.push_str(margin);
        }
        out.push(c);
        after_break = is_break;
    }
    out
}

fn block(indicator: &str, lines: String) -> String {
    let end = if lines.ends_with('\n') { "" } else { "\n" };
    format!("{indicator}{lines}{end}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_keeps_its_style_if_it_can_have_it() {
        use Around::Block;
        use Around::Flow;
        use Around::Key;
        use ScalarStyle::Double;
        use ScalarStyle::Folded;
        use ScalarStyle::Literal;
        use ScalarStyle::Plain;
        use ScalarStyle::Single;
        for (text, style, around, wanted) in [
            ("it's", Single, Block, "'it''s'"),
            ("a\tb", Single, Block, "\"a\\tb\""),
            ("a\n\nb", Single, Block, "'a\n\n\n  b'"),
            ("say \"hi\"\n", Double, Block, "\"say \\\"hi\\\"\\n\""),
            ("http://a", Plain, Block, "http://a"),
            ("http://a", Plain, Flow, "'http://a'"),
            ("a,b", Plain, Flow, "'a,b'"),
            ("", Plain, Block, "\"\""),
            ("2001-01-01", Plain, Block, "\"2001-01-01\""),
            ("yes", Plain, Block, "yes"),
            ("  a\nb\n", Literal, Block, "|2\n    a\n  b\n"),
            ("a\nb", Plain, Block, "|-\n  a\n  b\n"),
            ("a\nb", Plain, Flow, "\"a\\nb\""),
            ("a\nb", Single, Key, "\"a\\nb\""),
            ("a\nb\n", Folded, Block, ">\n  a\n\n  b\n\n"),
        ] {
            assert_eq!(scalar(text, style, Tag::Text, around, 2), wanted, "{text:?}");
        }
        for (text, tag, wanted) in [
            ("a: b", Tag::Integer, "!!int 'a: b'"),
            ("7", Tag::Integer, "7"),
            ("", Tag::Bool, "!!bool"),
            ("", Tag::Null, ""),
            ("2001-01-01", Tag::Implicit, "2001-01-01"),
            ("a\nb", Tag::Float, "!!float |-\n  a\n  b\n"),
        ] {
            assert_eq!(scalar(text, ScalarStyle::Plain, tag, Around::Block, 2), wanted, "{text:?}");
        }
        assert_eq!(scalar("", ScalarStyle::Plain, Tag::Null, Around::Flow, 2), "''");
    }
}
