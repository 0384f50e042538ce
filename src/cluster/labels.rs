//! What Kubernetes takes as the key and the value of a label, and says about others, in the wording of its validation.

/// Letters, digits, `-`, `_` and `.`, beginning and ending with a letter or digit.
const NAME: &str = "([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]";
const NAME_RULE: &str = "must consist of alphanumeric characters, '-', '_' or '.', \
                         and must start and end with an alphanumeric character";
const SUBDOMAIN: &str = r"[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*";
const MOST_BYTES: usize = 63;
const MOST_BYTES_OF_PREFIX: usize = 253;

/// What is wrong with `[prefix/]name` as the key of a label.
pub fn key_faults(key: &str) -> Vec<String> {
    let examples = ["MyName", "my.name", "123-abc"];
    let (prefix, name) = match key.split_once('/') {
        Some((_, rest)) if rest.contains('/') => {
            let rule = rule(&format!("a valid label key {NAME_RULE}"), NAME, &examples);
            return vec![format!(
                "{rule} with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')"
            )];
        }
        Some((prefix, name)) => (Some(prefix), name),
        None => (None, key),
    };
    let mut faults = match prefix {
        Some("") => vec!["prefix part must be non-empty".to_owned()],
        Some(prefix) => subdomain_faults(prefix),
        None => Vec::new(),
    };
    if name.is_empty() {
        faults.push("name part must be non-empty".to_owned());
    } else if name.len() > MOST_BYTES {
        faults.push(format!("name part must be no more than {MOST_BYTES} bytes"));
    }
    if !is_name(name) {
        faults.push(format!("name part {}", rule(NAME_RULE, NAME, &examples)));
    }
    faults
}

/// What is wrong with the value of a label, which may be empty.
pub fn value_faults(value: &str) -> Vec<String> {
    let mut faults = Vec::new();
    if value.len() > MOST_BYTES {
        faults.push(format!("must be no more than {MOST_BYTES} bytes"));
    }
    if !value.is_empty() && !is_name(value) {
        let wanted = NAME_RULE.trim_start_matches("must ");
        let wanted = format!("a valid label must be an empty string or {wanted}");
        faults.push(rule(&wanted, &format!("({NAME})?"), &["MyValue", "my_value", "12345"]));
    }
    faults
}

fn subdomain_faults(prefix: &str) -> Vec<String> {
    let mut faults = Vec::new();
    if prefix.len() > MOST_BYTES_OF_PREFIX {
        faults.push(format!("prefix part must be no more than {MOST_BYTES_OF_PREFIX} bytes"));
    }
    let is_part = |part: &str| {
        let inner = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        !part.is_empty() && part.bytes().all(inner) && !part.starts_with('-') && !part.ends_with('-')
    };
    if !prefix.split('.').all(is_part) {
        let wanted = "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', \
                      and must start and end with an alphanumeric character";
        faults.push(format!("prefix part {}", rule(wanted, SUBDOMAIN, &["example.com"])));
    }
    faults
}

fn is_name(text: &str) -> bool {
    let is_end = |letter: char| letter.is_ascii_alphanumeric();
    text.starts_with(is_end)
        && text.ends_with(is_end)
        && text.chars().all(|letter| letter.is_ascii_alphanumeric() || "-_.".contains(letter))
}

fn rule(wanted: &str, expression: &str, examples: &[&str]) -> String {
    let examples: Vec<String> = examples.iter().map(|example| format!("'{example}', ")).collect();
    format!("{wanted} (e.g. {}regex used for validation is '{expression}')", examples.join(" or "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_and_values_are_judged_as_kubernetes_does() {
        for key in ["a", "App.kubernetes_io-1", "example.com/app", &"x".repeat(63)] {
            assert_eq!(key_faults(key), Vec::<String>::new(), "{key}");
        }
        for key in ["", "-a", "a b", "a/b/c", "/a", "Upper.example/a", "example.com/", &"x".repeat(64)] {
            assert_ne!(key_faults(key), Vec::<String>::new(), "{key}");
        }
        for value in ["", "a", "1.2_3-x"] {
            assert_eq!(value_faults(value), Vec::<String>::new(), "{value}");
        }
        for value in ["a b", ".a", "a/b", &"x".repeat(64)] {
            assert_eq!(value_faults(value).len(), 1, "{value}");
        }
        assert_eq!(
            key_faults("a b"),
            [
                "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an \
              alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is \
              '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')"
            ]
        );
    }
}
