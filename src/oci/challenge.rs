//! What a registry asks for: the header `WWW-Authenticate` (RFC 9110, section 11.6.1), which may hold several challenges.

use std::collections::BTreeMap;

/// One way to log in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Challenge {
    /// In lower case.
    pub scheme: String,
    /// By their names in lower case.
    pub parameters: BTreeMap<String, String>,
}

/// The challenge that can be answered, of all that the headers hold; else the first.
pub fn choose<'h>(headers: impl Iterator<Item = &'h str>) -> Option<Challenge> {
    let all: Vec<Challenge> = headers.flat_map(parse).collect();
    let known = all.iter().find(|challenge| matches!(challenge.scheme.as_str(), "basic" | "bearer"));
    known.or(all.first()).cloned()
}

/// Reads the challenges of one header. What follows a mistake is left out.
fn parse(header: &str) -> Vec<Challenge> {
    let mut found: Vec<Challenge> = Vec::new();
    let mut rest = header;
    loop {
        rest = rest.trim_start_matches([' ', '\t', ',']);
        let (word, after) = token(rest);
        if word.is_empty() {
            return found;
        }
        let after_blanks = after.trim_start_matches([' ', '\t']);
        match (after_blanks.strip_prefix('='), found.last_mut()) {
            (Some(value), Some(challenge)) => {
                let Some((value, after)) = value_of(value.trim_start_matches([' ', '\t'])) else {
                    return found;
                };
                challenge.parameters.insert(word.to_ascii_lowercase(), value);
                rest = after;
            }
            // A parameter without a scheme before it.
            (Some(_), None) => return found,
            (None, _) => {
                found.push(Challenge { scheme: word.to_ascii_lowercase(), parameters: BTreeMap::new() });
                rest = after;
            }
        }
    }
}

fn token(text: &str) -> (&str, &str) {
    let is_part = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
    let end = text.bytes().position(|byte| !is_part(byte)).unwrap_or(text.len());
    text.split_at(end)
}

/// A token, or a text in quotes.
fn value_of(text: &str) -> Option<(String, &str)> {
    let Some(quoted) = text.strip_prefix('"') else {
        let (value, rest) = token(text);
        return (!value.is_empty()).then(|| (value.to_owned(), rest));
    };
    let mut value = String::new();
    let mut chars = quoted.char_indices();
    while let Some((at, one)) = chars.next() {
        match one {
            '"' => return Some((value, &quoted[at + 1..])),
            '\\' => value.push(chars.next()?.1),
            other => value.push(other),
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chosen(headers: &[&str]) -> Option<(String, Vec<(String, String)>)> {
        let challenge = choose(headers.iter().copied())?;
        Some((challenge.scheme, challenge.parameters.into_iter().collect()))
    }

    fn pairs(list: &[(&str, &str)]) -> Vec<(String, String)> {
        list.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    #[test]
    fn the_parameters_of_a_challenge_are_tokens_or_quoted() {
        let header = r#"Bearer Realm="https://auth.example.com/token?a=b,c",service=registry , scope="repository:a/b:pull,push""#;
        let wanted = [
            ("realm", "https://auth.example.com/token?a=b,c"),
            ("scope", "repository:a/b:pull,push"),
            ("service", "registry"),
        ];
        assert_eq!(chosen(&[header]), Some(("bearer".to_owned(), pairs(&wanted))));
        assert_eq!(
            chosen(&[r#"bAsIc realm="a \"b\"""#]),
            Some(("basic".to_owned(), pairs(&[("realm", "a \"b\"")])))
        );
    }

    #[test]
    fn a_challenge_that_can_be_answered_is_preferred() {
        assert_eq!(chosen(&["Negotiate, Basic realm=x"]).unwrap().0, "basic");
        assert_eq!(chosen(&["Negotiate", "Bearer realm=x"]).unwrap().0, "bearer");
        assert_eq!(chosen(&["Digest realm=x, nonce=y"]).unwrap().0, "digest");
    }

    #[test]
    fn odd_headers_are_read_as_far_as_they_go() {
        for header in ["", ",,,", "=", "=x", "\"", "\u{e9}"] {
            assert_eq!(chosen(&[header]), None, "{header}");
        }
        for header in ["Bearer", "Bearer realm", "Bearer realm=", "Bearer realm=\"open", "Bearer realm=\"a\\"]
        {
            let (scheme, parameters) = chosen(&[header]).unwrap();
            assert_eq!((scheme.as_str(), parameters.len()), ("bearer", 0), "{header}");
        }
    }
}
