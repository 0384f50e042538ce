//! Paths without `.` and `..`.

use anyhow::Context;
use std::path::Path;
use std::path::PathBuf;

/// The path without `.`, empty parts and leading slashes; `..` never climbs above the start. Empty for the start itself.
/// (Upstream's safe relative path, without its look at the links of the working directory.)
pub fn clean_relative_path(path: &str) -> String {
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    parts.join("/")
}

/// A path from the root of the disk, without `.` and `..`.
///
/// # Errors
/// A current folder that is gone; a name that is not UTF-8.
pub fn absolute_path(path: &Path) -> anyhow::Result<PathBuf> {
    let path = std::path::absolute(path).context("finding the current folder")?;
    let text = path.to_str().with_context(|| format!("the name of \"{}\" is not UTF-8", path.display()))?;
    Ok(Path::new("/").join(clean_relative_path(text)))
}

/// The last part of a path as Go's `filepath.Base` names it: `.` for nothing, `/` for the root.
pub fn base_name(path: &str) -> &str {
    match path.trim_end_matches('/') {
        "" if path.is_empty() => ".",
        "" => "/",
        kept => kept.rsplit('/').next().unwrap_or(kept),
    }
}

#[cfg(test)]
mod tests {
    use super::clean_relative_path;

    #[test]
    fn a_path_cannot_climb_out() {
        for (given, kept) in [
            ("", ""),
            ("./", ""),
            ("/", ""),
            ("../x", "x"),
            ("a/../../b", "b"),
            ("/etc/passwd", "etc/passwd"),
            ("./clusters/./prod/", "clusters/prod"),
        ] {
            assert_eq!(clean_relative_path(given), kept, "{given}");
        }
    }
}
