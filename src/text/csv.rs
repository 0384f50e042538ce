//! One record of CSV as Go's `encoding/csv` reads it, which is how the list flags of the Flux CLI take their values.

/// The fields of the first record. Empty lines before it are passed over, and what follows it is ignored.
///
/// # Errors
/// No record, or quotes in the wrong places; in Go's words.
pub fn first_record(text: &str) -> Result<Vec<String>, String> {
    let text = text.replace("\r\n", "\n");
    let text = text.strip_suffix('\r').unwrap_or(&text);
    let first_line = text.len() - text.trim_start_matches('\n').len();
    let mut rest = &text[first_line..];
    if rest.is_empty() {
        return Err("EOF".to_owned());
    }
    let refuse = |at: usize, reason| Err(explain(text, first_line, at, reason));
    let mut fields = Vec::new();
    loop {
        let Some(quoted) = rest.strip_prefix('"') else {
            let end = rest.find([',', '\n']).unwrap_or(rest.len());
            let (field, after) = rest.split_at(end);
            if let Some(quote) = field.find('"') {
                return refuse(text.len() - rest.len() + quote, "bare \" in non-quoted-field");
            }
            fields.push(field.to_owned());
            match after.strip_prefix(',') {
                Some(after) => rest = after,
                None => return Ok(fields),
            }
            continue;
        };
        let mut field = String::new();
        rest = quoted;
        loop {
            let Some((part, after)) = rest.split_once('"') else {
                return refuse(text.len(), "extraneous or missing \" in quoted-field");
            };
            field.push_str(part);
            if let Some(more) = after.strip_prefix('"') {
                field.push('"');
                rest = more;
                continue;
            }
            fields.push(field);
            match after.chars().next() {
                Some(',') => rest = &after[1..],
                None | Some('\n') => return Ok(fields),
                Some(_) => {
                    let quote = text.len() - after.len() - 1;
                    return refuse(quote, "extraneous or missing \" in quoted-field");
                }
            }
            break;
        }
    }
}

/// Lines and columns begin at 1; columns are bytes. The end of the text belongs to the line before it.
fn explain(text: &str, first_line: usize, at: usize, reason: &str) -> String {
    let before = &text.as_bytes()[..if at == text.len() { at - 1 } else { at }];
    let start = before.iter().rposition(|byte| *byte == b'\n').map_or(0, |newline| newline + 1);
    let line = 1 + before.iter().filter(|byte| **byte == b'\n').count();
    let column = at - start + 1;
    let record = 1 + first_line;
    let whole = if line == record { String::new() } else { format!("record on line {record}; ") };
    format!("{whole}parse error on line {line}, column {column}: {reason}")
}

#[cfg(test)]
mod tests {
    use super::first_record;

    #[test]
    fn fields_are_read_as_go_reads_them() {
        for (text, fields) in [
            ("a", &["a"][..]),
            ("a,b", &["a", "b"]),
            ("a,", &["a", ""]),
            (",", &["", ""]),
            (" a , b ", &[" a ", " b "]),
            ("\"a,b\",c", &["a,b", "c"]),
            ("\"say \"\"hi\"\"\"", &["say \"hi\""]),
            ("\"\"", &[""]),
            ("a\nb", &["a"]),
            ("\n\na\r\nb", &["a"]),
            ("\"one\r\ntwo\"", &["one\ntwo"]),
            ("a\r", &["a"]),
            ("a\rb", &["a\rb"]),
        ] {
            assert_eq!(first_record(text).unwrap(), fields, "{text:?}");
        }
    }

    #[test]
    fn broken_quotes_are_refused_in_the_words_of_go() {
        const BARE: &str = "bare \" in non-quoted-field";
        const QUOTE: &str = "extraneous or missing \" in quoted-field";
        for (text, place, reason) in [
            ("a\"b", "parse error on line 1, column 2", BARE),
            ("é,x\"", "parse error on line 1, column 5", BARE),
            ("\"a", "parse error on line 1, column 3", QUOTE),
            ("\"a\"b", "parse error on line 1, column 3", QUOTE),
            ("\"a\" ,b", "parse error on line 1, column 3", QUOTE),
            ("\"a\n", "parse error on line 1, column 4", QUOTE),
            ("\"a\nb", "record on line 1; parse error on line 2, column 2", QUOTE),
            ("\n\"a\nb\"c", "record on line 2; parse error on line 3, column 2", QUOTE),
        ] {
            assert_eq!(first_record(text), Err(format!("{place}: {reason}")), "{text:?}");
        }
        assert_eq!(first_record("\n"), Err("EOF".to_owned()));
        assert_eq!(first_record("\r"), Err("EOF".to_owned()));
    }
}
