//! Two versions of a text, as Git compares them.

use anyhow::Context;
use git2::DiffLineType;
use git2::Patch;

/// A unified diff with three lines around each change; `None` is a file that does not exist.
///
/// # Errors
/// Texts that libgit2 cannot compare.
pub fn unified_diff(path: &str, before: Option<&str>, after: Option<&str>) -> anyhow::Result<String> {
    let old_name = before.map_or_else(|| "/dev/null".to_owned(), |_| format!("a/{path}"));
    let new_name = after.map_or_else(|| "/dev/null".to_owned(), |_| format!("b/{path}"));
    let mut text = format!("--- {old_name}\n+++ {new_name}\n").into_bytes();
    let (old, new) = (before.unwrap_or_default().as_bytes(), after.unwrap_or_default().as_bytes());
    let mut compare = || -> Result<(), git2::Error> {
        let mut patch = Patch::from_buffers(old, None, new, None, None)?;
        patch.print(&mut |_, _, line| {
            match line.origin_value() {
                DiffLineType::FileHeader => return true,
                DiffLineType::Context | DiffLineType::Addition | DiffLineType::Deletion => {
                    text.push(line.origin() as u8);
                }
                _ => {}
            }
            text.extend_from_slice(line.content());
            true
        })
    };
    compare().with_context(|| format!("comparing {path}"))?;
    Ok(String::from_utf8_lossy(&text).into_owned())
}

#[cfg(test)]
mod tests {
    use super::unified_diff;

    #[test]
    fn a_change_has_three_lines_around_it_and_a_new_file_comes_from_nothing() {
        let before = "1\n2\n3\n4\n5\n6\n7\n8\n9\n";
        let after = "1\n2\n3\n4\nfive\n6\n7\n8\n9\n";
        assert_eq!(
            unified_diff("a.yaml", Some(before), Some(after)).unwrap(),
            "--- a/a.yaml\n+++ b/a.yaml\n@@ -2,7 +2,7 @@\n 2\n 3\n 4\n-5\n+five\n 6\n 7\n 8\n"
        );
        assert_eq!(
            unified_diff("a.yaml", None, Some("x: y")).unwrap(),
            "--- /dev/null\n+++ b/a.yaml\n@@ -0,0 +1 @@\n+x: y\n\\ No newline at end of file\n"
        );
        assert_eq!(
            unified_diff("a.yaml", Some("x: y\n"), None).unwrap(),
            "--- a/a.yaml\n+++ /dev/null\n@@ -1 +0,0 @@\n-x: y\n"
        );
    }
}
