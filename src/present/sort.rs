//! `--sort-by`: the order of rows by a column or by a path into the objects.

use crate::text::jsonpath;
use crate::text::jsonpath::Template;
use crate::text::with_hint;
use serde_json::Value;

/// What rows are sorted by.
#[derive(Debug)]
pub struct SortBy {
    text: String,
    path: Option<Template>,
}

/// How a column of that name, lower-case and with spaces, sorts an object: `None` where there is no such column.
pub type KeyOf<'a, T> = &'a dyn Fn(&str, &T) -> Option<Option<Value>>;

impl SortBy {
    /// Reads the value of the flag; `None` if it is empty.
    ///
    /// # Errors
    /// A path that cannot be read.
    pub fn parse(text: &str) -> anyhow::Result<Option<Self>> {
        if text.is_empty() {
            return Ok(None);
        }
        let path = Template::parse_path(text);
        if text.starts_with(['.', '{']) {
            let path = path.map_err(|error| anyhow::anyhow!("--sort-by {text}: {error}"))?;
            return Ok(Some(Self { text: text.to_owned(), path: Some(path) }));
        }
        Ok(Some(Self { text: text.to_owned(), path: path.ok() }))
    }

    /// Whether it may lead to fields that no table shows.
    pub fn is_path(&self) -> bool {
        self.text.contains('.')
    }

    /// Sorts, the smallest first; what is equal keeps its order. A name is that of a column before it is a path.
    ///
    /// # Errors
    /// Neither a column nor a field of any object has this name; a path that does not fit.
    pub fn sort<T>(
        &self,
        rows: &mut Vec<T>,
        object_of: impl Fn(&T) -> &Value,
        columns: &[String],
        key_of: KeyOf<'_, T>,
    ) -> anyhow::Result<()> {
        if rows.is_empty() {
            return Ok(());
        }
        let wanted = self.text.to_lowercase().replace(['-', '_'], " ");
        let mut keys = Vec::new();
        let mut is_known = false;
        for row in rows.iter() {
            let key = match (key_of(&wanted, row), &self.path) {
                (Some(key), _) => {
                    is_known = true;
                    key
                }
                (None, Some(path)) => {
                    let found = path.values(object_of(row));
                    let found = found.map_err(|error| anyhow::anyhow!("--sort-by {}: {error}", self.text))?;
                    is_known |= !found.is_empty();
                    found.first().map(|value| value.as_ref().clone())
                }
                (None, None) => None,
            };
            keys.push(key);
        }
        if !is_known {
            let error = anyhow::anyhow!("--sort-by {}: no object has such a column or field", self.text);
            return Err(with_hint(
                error,
                format!("the columns are {}; a path is e.g. .metadata.creationTimestamp", columns.join(", ")),
            ));
        }
        let mut keyed: Vec<(Option<Value>, T)> = keys.into_iter().zip(std::mem::take(rows)).collect();
        keyed.sort_by(|a, b| jsonpath::order(a.0.as_ref(), b.0.as_ref()));
        rows.extend(keyed.into_iter().map(|(_, row)| row));
        Ok(())
    }
}
