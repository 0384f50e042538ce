//! Paths that stay inside a folder, whatever they say.

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
