//! No cycles: a file can be read and changed without those that use it.

use super::imports::Library;
use std::collections::BTreeMap;
use std::collections::BTreeSet;

type Graph = BTreeMap<String, BTreeSet<String>>;

/// A module may use its own parts, and they may use it; otherwise no file uses what uses it.
#[test]
fn no_files_use_each_other_in_a_cycle_but_a_module_and_its_parts() {
    let uses = Library::read().uses();
    let seen: usize = uses.values().map(BTreeSet::len).sum();
    assert!(uses.len() > 200 && seen > 500, "{} files, {seen} uses", uses.len());
    let found: Vec<String> = cycles(&uses).iter().map(|cycle| told(&uses, cycle)).collect();
    assert!(found.is_empty(), "files in a cycle:\n{}", found.join("\n"));
}

/// The folders of a room are understood one after the other.
#[test]
fn no_folders_of_a_room_use_each_other_in_a_cycle() {
    let folder = |file: &str| file.split("::").take(2).collect::<Vec<_>>().join("::");
    let mut folders = Graph::new();
    for (file, uses) in Library::read().uses() {
        let from = folder(&file);
        let others = uses.iter().map(|used| folder(used)).filter(|to| *to != from).collect::<Vec<_>>();
        folders.entry(from).or_default().extend(others);
    }
    assert!(folders.len() > 100, "{}", folders.len());
    let found: Vec<String> = cycles(&folders).iter().map(|cycle| told(&folders, cycle)).collect();
    assert!(found.is_empty(), "folders in a cycle:\n{}", found.join("\n"));
}

#[test]
fn a_cycle_is_found_and_a_module_with_its_parts_is_not_one() {
    let graph = |arrows: &[(&str, &str)]| {
        let mut graph = Graph::new();
        for (from, to) in arrows {
            graph.entry((*from).to_owned()).or_default().insert((*to).to_owned());
            graph.entry((*to).to_owned()).or_default();
        }
        graph
    };
    assert_eq!(cycles(&graph(&[("a", "a::x"), ("a::x", "a"), ("a::x", "a::y"), ("b", "a")])), [[""; 0]; 0]);
    assert_eq!(
        cycles(&graph(&[("a::x", "a"), ("a", "a::y"), ("a::y", "a::x"), ("a::x", "a::y")])),
        [["a::x", "a::y"]]
    );
    assert_eq!(cycles(&graph(&[("a", "a::x"), ("a::x", "b"), ("b", "a")])), [["a", "a::x", "b"]]);
}

/// The sets of files that use each other, each sorted. What a module uses of its own parts counts only if others are in the cycle.
fn cycles(uses: &Graph) -> Vec<Vec<String>> {
    let mut found = Vec::new();
    let mut left: BTreeSet<&String> = uses.keys().collect();
    while let Some(&first) = left.first() {
        let after = reached(uses, first);
        let cycle: BTreeSet<&String> = after
            .iter()
            .filter(|&file| *file == first || reached(uses, file).contains(first))
            .copied()
            .collect();
        left.remove(first);
        left.retain(|file| !cycle.contains(file));
        if cycle.len() < 2 {
            continue;
        }
        let is_part =
            |whole: &str, file: &str| file.strip_prefix(whole).is_some_and(|rest| rest.starts_with("::"));
        let whole =
            cycle.iter().find(|whole| cycle.iter().all(|file| file == *whole || is_part(whole, file)));
        match whole {
            None => found.push(cycle.into_iter().cloned().collect()),
            Some(whole) => {
                let inside = |file: &String| cycle.contains(file) && file != *whole;
                let parts = cycle.iter().filter(|file| inside(file)).map(|&file| {
                    (file.clone(), uses[file].iter().filter(|used| inside(used)).cloned().collect())
                });
                found.extend(cycles(&parts.collect()));
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

/// The arrows of a cycle, to see which one to turn.
fn told(uses: &Graph, cycle: &[String]) -> String {
    let arrows = cycle.iter().map(|file| {
        let used: Vec<_> =
            uses[file].iter().filter(|used| cycle.contains(used)).map(String::as_str).collect();
        format!("  {file} uses {}\n", used.join(", "))
    });
    format!("{cycle:?}\n{}", arrows.collect::<String>())
}
