//! No circles: a file can be read and changed without those that use it.

use super::imports::Library;
use std::collections::BTreeMap;
use std::collections::BTreeSet;

type Graph = BTreeMap<String, BTreeSet<String>>;

/// A module may use its own parts, and they may use it; otherwise no file uses what uses it.
#[test]
fn no_files_use_each_other_in_a_circle_but_a_module_and_its_parts() {
    let uses = Library::read().uses();
    let seen: usize = uses.values().map(BTreeSet::len).sum();
    assert!(uses.len() > 200 && seen > 500, "{} files, {seen} uses", uses.len());
    let found: Vec<String> = circles(&uses).iter().map(|circle| told(&uses, circle)).collect();
    assert!(found.is_empty(), "files in a circle:\n{}", found.join("\n"));
}

#[test]
fn a_circle_is_found_and_a_module_with_its_parts_is_none() {
    let graph = |arrows: &[(&str, &str)]| {
        let mut graph = Graph::new();
        for (from, to) in arrows {
            graph.entry((*from).to_owned()).or_default().insert((*to).to_owned());
            graph.entry((*to).to_owned()).or_default();
        }
        graph
    };
    assert_eq!(circles(&graph(&[("a", "a::x"), ("a::x", "a"), ("a::x", "a::y"), ("b", "a")])), [[""; 0]; 0]);
    assert_eq!(
        circles(&graph(&[("a::x", "a"), ("a", "a::y"), ("a::y", "a::x"), ("a::x", "a::y")])),
        [["a::x", "a::y"]]
    );
    assert_eq!(circles(&graph(&[("a", "a::x"), ("a::x", "b"), ("b", "a")])), [["a", "a::x", "b"]]);
}

/// The sets of files that use each other, each sorted. What a module uses of its own parts counts only if others are in the circle.
fn circles(uses: &Graph) -> Vec<Vec<String>> {
    let mut found = Vec::new();
    let mut left: BTreeSet<&String> = uses.keys().collect();
    while let Some(&first) = left.first() {
        let after = reached(uses, first);
        let circle: BTreeSet<&String> = after
            .iter()
            .filter(|&file| *file == first || reached(uses, file).contains(first))
            .copied()
            .collect();
        left.remove(first);
        left.retain(|file| !circle.contains(file));
        if circle.len() < 2 {
            continue;
        }
        let is_part =
            |whole: &str, file: &str| file.strip_prefix(whole).is_some_and(|rest| rest.starts_with("::"));
        let whole =
            circle.iter().find(|whole| circle.iter().all(|file| file == *whole || is_part(whole, file)));
        match whole {
            None => found.push(circle.into_iter().cloned().collect()),
            Some(whole) => {
                let inside = |file: &String| circle.contains(file) && file != *whole;
                let parts = circle.iter().filter(|file| inside(file)).map(|&file| {
                    (file.clone(), uses[file].iter().filter(|used| inside(used)).cloned().collect())
                });
                found.extend(circles(&parts.collect()));
            }
        }
    }
    found
}

/// What a file uses, directly and through others.
fn reached<'a>(uses: &'a Graph, from: &'a String) -> BTreeSet<&'a String> {
    let mut seen = BTreeSet::new();
    let mut ahead = vec![from];
    while let Some(file) = ahead.pop() {
        for used in &uses[file] {
            if seen.insert(used) {
                ahead.push(used);
            }
        }
    }
    seen
}

/// The arrows of a circle, to see which one to turn.
fn told(uses: &Graph, circle: &[String]) -> String {
    let arrows = circle.iter().map(|file| {
        let used: Vec<_> =
            uses[file].iter().filter(|used| circle.contains(used)).map(String::as_str).collect();
        format!("  {file} uses {}\n", used.join(", "))
    });
    format!("{circle:?}\n{}", arrows.collect::<String>())
}
