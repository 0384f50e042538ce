//! Paths without `.` and `..`.

use super::hint::WithHint;
use anyhow::Context;
use std::path::Path;
use std::path::PathBuf;

/// The path without `.`, empty parts and leading slashes; `..` never climbs above the start. Empty for the start itself.
/// (Upstream's safe relative path, without its look at the links of the working directory.)
pub fn clean_relative_path(path: &str) -> String {
    path_parts(path).0.join("/")
}

/// The parts of a path that are left when `.`, empty parts and `..` are resolved, and how often `..` climbs above the start.
pub fn path_parts(path: &str) -> (Vec<&str>, usize) {
    let (mut parts, mut climbs) = (Vec::new(), 0);
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => climbs += usize::from(parts.pop().is_none()),
            part => parts.push(part),
        }
    }
    (parts, climbs)
}

/// Refuses a path of a flag that does not stay in the repository, where [`clean_relative_path`] would take it for another one.
///
/// # Errors
/// A path that is absolute, or leads out of the repository.
pub fn check_path_in_repository(flag: &str, path: &str) -> anyhow::Result<()> {
    let why = match path.starts_with('/') {
        true => "is absolute",
        false if path_parts(path).1 > 0 => "leads out of the repository",
        false => return Ok(()),
    };
    Err(anyhow::anyhow!("{flag} \"{path}\" {why}")).hint("write the path from the root of the repository")
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
    use super::check_path_in_repository;
    use super::clean_relative_path;

    #[test]
    fn a_path_that_does_not_stay_in_the_repository_is_refused_by_the_name_of_its_flag() {
        for inside in ["", ".", "./clusters/one/", "clusters/x/../one", "a/.."] {
            check_path_in_repository("--fleet-path", inside).unwrap();
        }
        for (outside, why) in [
            ("..", "leads out of the repository"),
            ("a/../../a", "leads out of the repository"),
            ("/a", "is absolute"),
        ] {
            let told = check_path_in_repository("--fleet-path", outside).unwrap_err().to_string();
            assert_eq!(told, format!("--fleet-path \"{outside}\" {why}"));
        }
    }

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
