//! Several small trees of files in one text file.
//!
//! A line `== name ==` after a blank line begins a case, a line `-- path --` a file of it. Files before the first case belong to every
//! case, unless it has one of its own at that path. Other lines before the first file are comments.

use std::collections::BTreeMap;

/// A text file with cases.
pub struct Archive {
    shared: Part,
    cases: Vec<(String, Part)>,
}

/// Comments, and files in their order.
#[derive(Default)]
struct Part {
    comment: String,
    files: Vec<(String, String)>,
}

impl Part {
    /// The text that is being read.
    fn last(&mut self) -> &mut String {
        self.files.last_mut().map_or(&mut self.comment, |(_, text)| text)
    }

    fn write(&self, to: &mut String) {
        to.push_str(&self.comment);
        for (path, text) in &self.files {
            to.push_str(&format!("-- {path} --\n{text}"));
        }
    }
}

/// What a line has between two marks, such as `== ` and ` ==`.
fn marked<'a>(line: &'a str, mark: &str) -> Option<&'a str> {
    line.trim_end().strip_prefix(mark)?.strip_prefix(' ')?.strip_suffix(mark)?.strip_suffix(' ')
}

impl Archive {
    pub fn read(text: &str) -> Self {
        let mut archive = Self { shared: Part::default(), cases: Vec::new() };
        for line in text.split_inclusive('\n') {
            let part = archive.cases.last_mut().map_or(&mut archive.shared, |(_, part)| part);
            if let Some(name) = marked(line, "==") {
                // The blank line before a case.
                part.last().pop();
                archive.cases.push((name.to_owned(), Part::default()));
            } else if let Some(path) = marked(line, "--") {
                part.files.push((path.to_owned(), String::new()));
            } else {
                part.last().push_str(line);
            }
        }
        assert_eq!(archive.to_text(), text, "an archive is written as it was read");
        archive
    }

    pub fn to_text(&self) -> String {
        let mut text = String::new();
        self.shared.write(&mut text);
        for (name, part) in &self.cases {
            text.push_str(&format!("\n== {name} ==\n"));
            part.write(&mut text);
        }
        text
    }

    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.cases.iter().map(|(name, _)| name.as_str())
    }

    /// The files of a case.
    pub fn files(&self, at: usize) -> BTreeMap<String, String> {
        self.shared.files.iter().chain(&self.cases[at].1.files).cloned().collect()
    }

    /// Writes a file that a case has.
    pub fn set(&mut self, at: usize, path: &str, text: &str) {
        let mut files = self.cases[at].1.files.iter_mut();
        let (_, present) = files.find(|(own, _)| own == path).expect("the case has this file");
        text.clone_into(present);
    }
}

#[test]
fn files_before_the_cases_belong_to_all_of_them() {
    let text =
        "About it.\n-- a --\nshared\n\n== one ==\n-- b --\nown\n\n== two ==\n-- a --\nother\n-- c --\n";
    let mut archive = Archive::read(text);
    assert_eq!(archive.names().collect::<Vec<_>>(), ["one", "two"]);
    let files = |pairs: &[(&str, &str)]| {
        pairs.iter().map(|(path, text)| ((*path).to_owned(), (*text).to_owned())).collect::<BTreeMap<_, _>>()
    };
    assert_eq!(archive.files(0), files(&[("a", "shared\n"), ("b", "own\n")]));
    assert_eq!(archive.files(1), files(&[("a", "other\n"), ("c", "")]));
    archive.set(0, "b", "new\n");
    archive.set(1, "c", "more\n");
    assert_eq!(archive.to_text(), text.replace("own\n", "new\n") + "more\n");
}
