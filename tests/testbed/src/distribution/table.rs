//! The table of releases, `templates/releases.yaml`, and how a release gets into it.

use anyhow::Context;
use fluxr::testing::text::yaml;
use std::collections::BTreeMap;
use std::fmt::Write;

/// The row of a release that shares its manifests with the first one of the table.
///
/// # Errors
/// A table that is not one.
pub fn row(table: &str, version: &str, images: &BTreeMap<String, String>) -> anyhow::Result<String> {
    let rows = yaml::document(table, "the table of releases")?;
    let first = &rows[0];
    let field = |name: &str| {
        first[name].as_str().with_context(|| format!("the first row of the table of releases has no {name}"))
    };
    let mut text = format!(
        "- version: {version}\n  manifests: {}\n  kubernetes: {}\n  components:\n",
        field("manifests")?,
        field("kubernetes")?
    );
    // In the order of the first row.
    let order: Vec<&str> = table
        .lines()
        .skip_while(|line| !line.starts_with("- "))
        .filter_map(|line| line.strip_prefix("    ")?.split_once(':').map(|(name, _)| name))
        .take(images.len())
        .collect();
    for name in order {
        let tag = images.get(name).with_context(|| format!("no image of {name} is published"))?;
        writeln!(text, "    {name}: {tag}")?;
    }
    Ok(text)
}

/// The table with one more row; the latest release stays the first one.
#[must_use]
pub fn with_row(table: &str, row: &str) -> String {
    let version = |line: &str| line.strip_prefix("- version: v").map(numbers);
    let added = row.lines().find_map(version);
    let mut at = table.len();
    let mut offset = 0;
    for line in table.split_inclusive('\n') {
        if version(line.trim_end()).is_some_and(|present| Some(present) < added) {
            at = offset;
            break;
        }
        offset += line.len();
    }
    format!("{}{row}{}", &table[..at], &table[at..])
}

fn numbers(version: &str) -> Vec<u64> {
    version.split('.').map(|part| part.parse().unwrap_or_default()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const TABLE: &str = "# Releases.\n\
        - version: v1.10.0\n  manifests: a\n  kubernetes: 1.30.0\n  components:\n    one: v2\n    two: v3\n\
        - version: v1.9.1\n  manifests: a\n  kubernetes: 1.30.0\n  components:\n    one: v1\n    two: v2\n";

    #[test]
    fn the_latest_release_stays_the_first_row() {
        let images =
            BTreeMap::from([("one".to_owned(), "v7".to_owned()), ("two".to_owned(), "v8".to_owned())]);
        for (version, wanted) in [
            ("v1.10.1", ["v1.10.1", "v1.10.0", "v1.9.1"]),
            ("v1.9.2", ["v1.10.0", "v1.9.2", "v1.9.1"]),
            ("v1.9.0", ["v1.10.0", "v1.9.1", "v1.9.0"]),
        ] {
            let row = row(TABLE, version, &images).unwrap();
            assert!(row.ends_with("  components:\n    one: v7\n    two: v8\n"), "{row}");
            let table = with_row(TABLE, &row);
            let versions: Vec<_> =
                table.lines().filter_map(|line| line.strip_prefix("- version: ")).collect();
            assert_eq!(versions, wanted);
            assert!(table.starts_with("# Releases.\n- "), "{table}");
        }
    }
}
