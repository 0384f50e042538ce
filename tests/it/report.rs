//! How two versions of an object are compared, beside what the Flux CLI said of the same ones: `tests/it/data/report.json`, which the real tier keeps
//! true.

pub mod case;
mod certificates;
pub mod pairs;
mod pieces;

use crate::support::difference;
use case::cases;
use fluxr::testing::render::report;
use fluxr::testing::render::report::Detail;
use fluxr::testing::render::report::Element;
use fluxr::testing::render::report::Entries;
use fluxr::testing::render::report::Paint;
use pairs::generated;
use serde_json::Value;
use serde_json::json;
use std::time::Duration;
use std::time::Instant;

#[test]
fn recorded_differences_are_reported_as_by_the_flux_cli() {
    let cases = cases();
    assert!(cases.len() > 50, "only {} cases", cases.len());
    let wrong: Vec<String> = cases
        .iter()
        .map(|case| (case, case.report()))
        .filter(|(case, ours)| case.text != *ours)
        .map(|(case, ours)| format!("{}:\n{}", case.about, difference(&case.text, &ours)))
        .collect();
    assert!(wrong.is_empty(), "{} differ:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn every_pair_has_a_report_and_what_is_equal_has_no_differences() {
    for seed in 0..2000 {
        let case = generated(seed);
        assert!(case.report().ends_with('\n'));
        // As dyff, it compares the first of two objects of one name with both.
        if case.from["kind"] != "List" {
            assert_eq!(report::compare(&case.from, &case.from), [], "{seed}");
        }
    }
}

#[test]
fn differences_are_values_with_paths() {
    let container = |name: &str, image: &str| json!({"name": name, "image": image});
    let from =
        json!({"spec": {"list": ["a", "b"], "containers": [container("a", "1"), container("b", "1")]}});
    let to = json!({"spec": {"list": ["b", "a"], "containers": [container("a", "2"), container("c", "1")], "x": null}});
    let found = report::compare(&from, &to);
    let paths: Vec<String> = found.iter().map(report::Difference::dotted).collect();
    assert_eq!(paths, ["spec", "spec.containers", "spec.containers.a.image", "spec.list"]);
    let added = json!({"x": null}).as_object().unwrap().clone();
    assert_eq!(found[0].details, [Detail::Added(Entries::Fields(added))]);
    let removed = Detail::Removed(Entries::Items(vec![container("b", "1")]));
    assert_eq!(found[1].details, [removed, Detail::Added(Entries::Items(vec![container("c", "1")]))]);
    let named = Element::Named { identifier: "name".into(), name: "a".into() };
    let key = |name: &str| Element::Key(name.to_owned());
    assert_eq!(found[2].path, Some(vec![key("spec"), key("containers"), named, key("image")]));
    assert_eq!(found[2].details, [Detail::Modified { from: json!("1"), to: json!("2") }]);
    let reordered =
        Detail::Reordered { from: vec![json!("a"), json!("b")], to: vec![json!("b"), json!("a")] };
    assert_eq!(found[3].details, [reordered]);
}

#[test]
fn a_guessed_name_is_the_first_of_the_alphabet_and_may_have_dots() {
    let list = |value: &str| -> Value {
        ["a", "b", "c", "d"].iter().map(|id| json!({"x.y": id, "z": id, "value": value})).collect()
    };
    let found = report::compare(&json!({"list": list("1")}), &json!({"list": list("2")}));
    assert_eq!(found.len(), 4);
    let named = Element::Named { identifier: "x.y".into(), name: "a".into() };
    assert_eq!(found[0].path.as_ref().unwrap()[1], named);
}

#[test]
fn nothing_in_an_object_reaches_a_terminal_as_a_command() {
    let from = json!({"a\u{1b}[2J": {"b": "one\u{7}"}, "list": ["\u{1b}]0;x\u{7}", "y"], "gone\r": 1});
    let to =
        json!({"a\u{1b}[2J": {"b": "two\u{1b}[31m"}, "list": ["y", "\u{1b}]0;x\u{7}"], "new": "\u{9b}1m"});
    let differences = report::compare(&from, &to);
    for paint in [Paint::Sixteen, Paint::True] {
        let text = report::human(&differences, 80, paint);
        let own = text.split('\u{1b}').skip(1).all(|part| {
            let sequence = part.split('m').next().unwrap_or_default();
            sequence
                .strip_prefix('[')
                .is_some_and(|codes| codes.chars().all(|c| c.is_ascii_digit() || c == ';'))
        });
        assert!(own, "{text:?}");
        assert!(text.contains("^[[2J") && text.contains("^[[31m") && text.contains("^[]0;x^G"), "{text:?}");
        assert!(!text.contains(['\u{7}', '\r', '\u{9b}']), "{text:?}");
    }
}

#[test]
fn large_values_are_compared_in_time() {
    let begun = Instant::now();
    let lines = |word: &str| (0..2000).map(|at| format!("{word} {at}\n")).collect::<String>();
    let long = |end: &str| format!("{}{end}", "0123456789abcdef".repeat(50_000));
    let list = |first: usize| (first..first + 20_000).map(|at| json!({"at": at})).collect::<Value>();
    let named = |first: usize| {
        (first..first + 20_000).rev().map(|at| json!({"name": format!("n{at}"), "at": at})).collect::<Value>()
    };
    let object = |word: &str, first: usize| {
        json!({
            "text": lines(word), "shifted": lines("x")[first..], "long": long(word),
            "edges": format!("{}{}{}", &word[..1], long(""), &word[1..2]), "list": list(first), "named": named(first),
        })
    };
    let differences = report::compare(&object("one", 0), &object("two", 7));
    assert_eq!(differences.len(), 6);
    for paint in [Paint::Plain, Paint::True] {
        let text = report::human(&differences, 80, paint);
        assert!(text.contains("(one insert, one deletion)"));
    }
    let took = begun.elapsed();
    assert!(took < Duration::from_secs(30), "{took:?}");
}
