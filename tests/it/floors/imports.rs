//! Which file of the library uses which, read from its paths. Names are followed through `pub use` to the file that defines them.

use regex::Regex;
use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::path::Path;

/// `crate::api::Kind` as `["api", "Kind"]`.
type Names = Vec<String>;

/// One module of the library; inline modules belong to their file.
#[derive(Default)]
struct Module {
    /// Its code without comments and tests.
    code: String,
    /// What its `use` lines bind: the path behind each name.
    bound: BTreeMap<String, Names>,
}

/// The modules of the library by their path.
pub struct Library(BTreeMap<Names, Module>);

impl Library {
    /// Reads the sources. What tests are given (`testing`), tests and programs are left out.
    pub fn read() -> Self {
        let source = Path::new(super::ROOT).join("src");
        let mut files = Vec::new();
        super::sources(&source, &mut files);
        let mut modules = BTreeMap::new();
        for file in files {
            let inside = file.strip_prefix(&source).unwrap().with_extension("");
            let mut names: Names = inside.iter().map(|part| part.to_string_lossy().into_owned()).collect();
            let last = names.last().unwrap().as_str();
            let is_program = names.len() == 1 && ["build", "main", "process", "testing"].contains(&last);
            if is_program || last == "tests" {
                continue;
            }
            if ["lib", "mod"].contains(&last) {
                names.pop();
            }
            let code = code_of(&std::fs::read_to_string(&file).unwrap());
            modules.insert(names, Module { code, bound: BTreeMap::new() });
        }
        let mut library = Self(modules);
        library.bind();
        library
    }

    /// Finds out what the `use` lines of each module bind.
    fn bind(&mut self) {
        let line = Regex::new(r"(?m)^\s*(?:pub )?use ([\w:]+?)(?: as (\w+))?;").unwrap();
        let names: Vec<Names> = self.0.keys().cloned().collect();
        for name in names {
            let mut bound = BTreeMap::new();
            for found in line.captures_iter(&self.0[&name].code) {
                let path = split(&found[1]);
                let alias =
                    found.get(2).map_or_else(|| path.last().unwrap().clone(), |alias| alias.as_str().into());
                if let Some(path) = self.absolute(&name, &path) {
                    bound.insert(alias, path);
                }
            }
            self.0.get_mut(&name).unwrap().bound = bound;
        }
    }

    /// A path as it is written in a module, from the root of the crate; `None` if it leads into another crate.
    fn absolute(&self, module: &[String], path: &[String]) -> Option<Names> {
        let mut base = module.to_vec();
        let mut rest = path;
        match rest[0].as_str() {
            "crate" => (base, rest) = (Vec::new(), &rest[1..]),
            "self" => rest = &rest[1..],
            "super" => {
                while rest.first().is_some_and(|name| name == "super") {
                    base.pop();
                    rest = &rest[1..];
                }
            }
            first => {
                if let Some(bound) = self.0[module].bound.get(first) {
                    (base, rest) = (bound.clone(), &rest[1..]);
                } else {
                    base.push(first.to_owned());
                    (self.0.contains_key(&base)).then_some(())?;
                    rest = &rest[1..];
                }
            }
        }
        base.extend_from_slice(rest);
        Some(base)
    }

    /// The module whose file defines what a path from the root names, and whether the path names the module itself.
    fn defining(&self, path: &[String]) -> (Names, bool) {
        let mut at = Names::new();
        for (index, name) in path.iter().enumerate() {
            at.push(name.clone());
            if self.0.contains_key(&at) {
                continue;
            }
            at.pop();
            if let Some(bound) = self.0[&at].bound.get(name).filter(|bound| bound.as_slice() != path) {
                return self.defining(&[bound.as_slice(), &path[index + 1..]].concat());
            }
            return (at, false);
        }
        (at, true)
    }

    /// For each module, the others that define what it uses. A `pub use` is a door, not a use.
    pub fn uses(&self) -> BTreeMap<String, BTreeSet<String>> {
        let (path, statement) = (
            Regex::new(r"[A-Za-z_]\w*(?:::[A-Za-z_]\w*)+").unwrap(),
            Regex::new(r"^\s*(pub )?use ").unwrap(),
        );
        let mut uses = BTreeMap::new();
        for (name, module) in &self.0 {
            let mut used = BTreeSet::new();
            for line in module.code.lines() {
                let found = statement.captures(line);
                if found.as_ref().is_some_and(|found| found.get(1).is_some()) {
                    continue;
                }
                for place in path.find_iter(line) {
                    if line[..place.start()].ends_with(':') {
                        continue;
                    }
                    let Some(target) = self.absolute(name, &split(place.as_str())) else { continue };
                    let (target, is_module) = self.defining(&target);
                    // What is used of a module that is only imported is seen where it is used.
                    if target != *name && !(is_module && found.is_some()) {
                        used.insert(target.join("::"));
                    }
                }
            }
            uses.insert(name.join("::"), used);
        }
        uses
    }
}

/// The lines that are compiled into the program: no comments, nothing for tests, no restricted visibilities.
pub(super) fn code_of(text: &str) -> String {
    let visibility = Regex::new(r"pub\((?:in [\w:]+|crate|super)\)").unwrap();
    let lines: Vec<_> =
        without_tests(text).lines().filter(|line| !line.trim_start().starts_with("//")).collect();
    visibility.replace_all(&lines.join("\n"), "pub").into_owned()
}

/// A file up to its tests.
pub fn without_tests(text: &str) -> &str {
    let tests = Regex::new(r"#\[cfg\(test\)\]\s+(?:pub\(super\) )?mod tests").unwrap();
    &text[..tests.find(text).map_or(text.len(), |tests| tests.start())]
}

fn split(path: &str) -> Names {
    path.split("::").map(str::to_owned).collect()
}
