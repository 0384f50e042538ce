//! Which line of which file an object comes from: where to correct it.

use crate::api::ObjectId;
use crate::api::object;
use crate::text::absolute_path;
use crate::text::clean_relative_path;
use crate::text::yaml;
use std::collections::HashMap;
use std::path::Path;

/// A sentence for each object, by the path of its file below the folder. One whose file cannot be read has none. Files are shown from the
/// working directory, `here`; without it they are in a commit, and the line is not told.
pub(super) fn of(
    origins: Vec<(ObjectId, String)>,
    folder: &Path,
    here: Option<&Path>,
) -> HashMap<ObjectId, String> {
    let mut files: HashMap<String, Option<(String, Manifest)>> = HashMap::new();
    let mut places = HashMap::new();
    for (id, path) in origins {
        let read = |path: &String| {
            let file = folder.join(path);
            let Some(here) = here else {
                return Some((clean_relative_path(file.to_str()?), Manifest::default()));
            };
            let file = absolute_path(&file).ok()?;
            let shown = file.strip_prefix(here).unwrap_or(&file).display().to_string();
            Some((shown, Manifest::read(&crate::text::read_text(&file).ok()?)))
        };
        let known = files.entry(path).or_insert_with_key(read);
        let Some((shown, manifest)) = known else { continue };
        let place = match manifest.line(&id) {
            Some(line) => format!("{id} comes from {shown}, line {line}"),
            None => format!("{id} comes from {shown}"),
        };
        places.insert(id, place);
    }
    places
}

/// The objects of a file: the first line, kind and name of each.
#[derive(Default)]
struct Manifest(Vec<(usize, String, String)>);

impl Manifest {
    fn read(content: &str) -> Self {
        let mut starts = vec![0];
        let lines: Vec<&str> = content.lines().collect();
        let is_end = |(_, line): &(usize, &&str)| line.starts_with("---");
        starts.extend(lines.iter().enumerate().filter(is_end).map(|(at, _)| at + 1));
        let ends = starts.iter().skip(1).map(|start| start - 1).chain([lines.len()]);
        let objects = starts.iter().zip(ends).filter_map(|(start, end)| {
            let document = yaml::document(&lines[*start..end].join("\n"), "a document").ok()?;
            let is_blank = |line: &&str| line.trim().is_empty() || line.trim_start().starts_with('#');
            let first = start + lines[*start..end].iter().take_while(|line| is_blank(line)).count();
            Some((first + 1, object::kind(&document).to_owned(), object::name(&document).to_owned()))
        });
        Self(objects.collect())
    }

    /// The line where an object begins; its name may have got a prefix or a suffix since.
    fn line(&self, id: &ObjectId) -> Option<usize> {
        let of_kind = || self.0.iter().filter(|(_, kind, _)| *kind == id.kind);
        let named = of_kind().find(|(_, _, name)| *name == id.name);
        let found = named
            .or_else(|| of_kind().find(|(_, _, name)| !name.is_empty() && id.name.contains(name.as_str())));
        found.map(|(line, ..)| *line)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_in_a_commit_is_not_looked_for_on_the_disk() {
        let id = ObjectId::new("v1", "ConfigMap", "web", "a");
        let origins = || vec![(id.clone(), "a.yaml".to_owned())];
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("a.yaml"), "\nkind: ConfigMap\nmetadata: {name: a}\n").unwrap();
        let told = |folder: &Path, here: Option<&Path>| of(origins(), folder, here).remove(&id);
        let shown = format!("{id} comes from a.yaml, line 2");
        assert_eq!(told(folder.path(), Some(folder.path())), Some(shown));
        assert_eq!(told(Path::new("./apps/gone"), Some(folder.path())), None);
        assert_eq!(told(Path::new("./apps"), None), Some(format!("{id} comes from apps/a.yaml")));
    }

    #[test]
    fn the_line_is_that_of_the_document_with_the_object() {
        let content = "# Two of them\nkind: ConfigMap\nmetadata: {name: a}\n---\n\n# b\nkind: ConfigMap\nmetadata:\n  name: b\n---\nkind: Secret\nmetadata: {name: b}\n";
        let of =
            |kind: &str, name: &str| Manifest::read(content).line(&ObjectId::new("v1", kind, "web", name));
        assert_eq!(of("ConfigMap", "a"), Some(2));
        assert_eq!(of("ConfigMap", "b"), Some(7));
        assert_eq!(of("Secret", "p-b"), Some(11));
        assert_eq!(of("Deployment", "b"), None);
    }
}
