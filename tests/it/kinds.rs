//! What holds for every kind.

use fluxr::api::Kind;
use fluxr::kind::KINDS;
use serde_json::Value;
use serde_json::json;
use std::collections::BTreeSet;

#[test]
fn no_two_kinds_are_called_by_the_same_words() {
    let mut words = BTreeSet::new();
    for kind in KINDS {
        assert!(words.insert(kind.noun.one.join(" ")), "{:?}", kind.noun.one);
        assert!(words.insert(format!("get {}", kind.noun.many.join(" "))), "{:?}", kind.noun.many);
        assert!(words.insert(kind.kind.to_owned()));
        for short in kind.noun.short {
            assert!(words.insert((*short).to_owned()), "{short}");
        }
    }
}

/// Objects that no honest cluster sends; reading them must not fail.
fn strange_objects() -> Vec<Value> {
    vec![
        Value::Null,
        json!({}),
        json!([1, 2]),
        json!({"metadata": 7, "spec": "x", "status": []}),
        json!({"status": {"conditions": {"type": "Ready"}}}),
        json!({"status": {"conditions": [null, {"type": "Ready"}], "artifact": 3}, "spec": {"sourceRef": "x", "chartRef": 1}}),
    ]
}

#[test]
fn reading_never_fails_on_an_object_that_is_not_as_expected() {
    for kind in KINDS {
        for object in strange_objects() {
            for column in kind.columns {
                let _ = (column.cell)(kind, &object);
            }
            let _ = (kind.outcome)(&object);
            let _ = (kind.source)(&object);
        }
    }
}

#[test]
fn the_columns_begin_with_the_name_and_end_with_the_message() {
    let headers = |kind: &Kind| kind.columns.iter().map(|column| column.header).collect::<Vec<_>>();
    for kind in KINDS {
        assert_eq!(headers(kind).first(), Some(&"name"), "{}", kind.kind);
        assert_eq!(headers(kind).last(), Some(&"message"), "{}", kind.kind);
    }
}
