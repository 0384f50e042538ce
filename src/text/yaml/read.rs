//! Reads YAML as Go's Kubernetes tools do: `0644` is an octal number, `yes` and `on` are bools, a key may stand only once.

use serde_json::Value;

/// A document that is not YAML, with its place.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{origin}: not valid YAML: {reason}")]
pub struct BadYaml {
    /// The file, or what stands for it.
    pub origin: String,
    pub reason: String,
}

/// The documents of a stream; empty ones are left out. `origin` is named in errors.
///
/// # Errors
/// The first document that is not YAML.
pub fn documents(text: &str, origin: &str) -> Result<Vec<Value>, BadYaml> {
    let options = serde_saphyr::options! {
        legacy_octal_numbers: true,
        with_snippet: false,
    };
    let read: Result<Vec<Value>, _> = serde_saphyr::from_multiple_with_options(text, options);
    let documents = read.map_err(|error| BadYaml {
        origin: origin.to_owned(),
        reason: error.to_string().lines().next().unwrap_or_default().to_owned(),
    })?;
    Ok(documents.into_iter().filter(|document| !document.is_null()).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn words_and_numbers_are_read_as_go_reads_them() {
        let read = documents("mode: 0644\non: yes\nversion: \"1.10\"\n---\n---\na: 1\n", "x.yaml").unwrap();
        assert_eq!(read, [json!({"mode": 420, "on": true, "version": "1.10"}), json!({"a": 1})]);
    }

    #[test]
    fn a_broken_document_names_its_file() {
        let error = documents("a: [", "deploy.yaml").unwrap_err().to_string();
        assert!(error.starts_with("deploy.yaml: not valid YAML:"), "{error}");
    }
}
