//! Our CRDs against those in the modules of the controllers. Those of the rendered releases are compared with all other manifests.

use fluxr::testing::distribution::Release;
use fluxr::testing::kind::KINDS;
use serde_json::Value;
use std::collections::BTreeSet;
use testbed::distribution;
use testbed::distribution::Comparison;
use testbed::distribution::Definitions;

/// A text without what two people could write differently by chance.
fn letters_of(text: &str) -> String {
    text.to_lowercase()
        .split(|letter: char| !letter.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .collect::<Vec<_>>()
        .join(" ")
}

/// All descriptions of a document.
fn descriptions(value: &Value, found: &mut BTreeSet<String>) {
    match value {
        Value::Object(map) => {
            for (key, inner) in map {
                match inner.as_str().filter(|_| key == "description") {
                    Some(text) => found.extend([letters_of(text)]),
                    None => descriptions(inner, found),
                }
            }
        }
        Value::Array(items) => items.iter().for_each(|item| descriptions(item, found)),
        _ => {}
    }
}

#[test]
#[ignore = "needs the testbed"]
fn our_definitions_mean_the_same_as_those_of_the_controllers() {
    for release in Release::all() {
        let ours = Definitions::of(&release).unwrap();
        let mut comparison = Comparison::default();
        for component in &release.components {
            // The proxy refuses some versions; what it refuses is in the rendered release.
            if let Ok(definitions) = distribution::of_controller(&component.name, &component.version) {
                definitions.iter().for_each(|theirs| ours.compare(theirs, &mut comparison));
            }
        }
        assert_eq!(comparison.differences, Vec::<String>::new(), "{}", release.version);
        assert!(comparison.objects >= 8, "{}: {}", release.version, comparison.objects);
    }
}

#[test]
#[ignore = "needs the testbed"]
fn our_descriptions_are_our_own() {
    let (mut ours, mut theirs) = (BTreeSet::new(), BTreeSet::new());
    KINDS.iter().for_each(|kind| descriptions(&fluxr::testing::kind::definition(kind), &mut ours));
    for release in Release::all() {
        let published = distribution::published(&release.version).unwrap();
        let definitions = distribution::definitions(&published).unwrap();
        assert_eq!(definitions.len(), KINDS.len());
        definitions.iter().for_each(|document| descriptions(document, &mut theirs));
    }
    assert!(ours.len() > 300 && theirs.len() > 300, "{} and {}", ours.len(), theirs.len());
    let copied: Vec<_> = ours.intersection(&theirs).collect();
    assert!(copied.is_empty(), "{copied:#?}");
}
