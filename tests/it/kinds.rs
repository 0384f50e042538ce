//! What holds for every kind.

use fluxr::testing::api::Kind;
use fluxr::testing::kind::KINDS;
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
        for alias in kind.noun.one_aliases {
            assert!(words.insert(format!("suspend {alias}")), "{alias}");
        }
        for alias in kind.noun.many_aliases {
            assert!(words.insert(format!("get {alias}")), "{alias}");
        }
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
            let _ = (kind.refers)(&object);
            let _ = kind.past.map(|past| past(&object));
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

fn kind(name: &str) -> &'static Kind {
    fluxr::testing::kind::by_name(name).unwrap()
}

fn row(name: &str, object: &Value) -> Vec<String> {
    kind(name).columns.iter().map(|column| (column.cell)(kind(name), object)).collect()
}

#[test]
fn every_kind_that_reconciles_tells_what_it_has_done() {
    let artifact = json!({"status": {"artifact": {"revision": "main@sha1:5f1e"}}});
    let cases = [
        ("GitRepository", artifact.clone(), "fetched revision main@sha1:5f1e"),
        ("OCIRepository", artifact.clone(), "fetched revision main@sha1:5f1e"),
        ("Bucket", artifact.clone(), "fetched revision main@sha1:5f1e"),
        ("HelmRepository", artifact.clone(), "fetched revision main@sha1:5f1e"),
        ("HelmChart", artifact, "fetched revision main@sha1:5f1e"),
        ("Kustomization", json!({"status": {"lastAppliedRevision": "r1"}}), "applied revision r1"),
        ("HelmRelease", json!({"status": {"lastAttemptedRevision": "6.0.0"}}), "applied revision 6.0.0"),
        (
            "HelmRelease",
            json!({"status": {"history": [{"chartVersion": "6.0.1"}], "lastAttemptedRevision": "6.0.0"}}),
            "applied revision 6.0.1",
        ),
        ("ImageRepository", json!({"status": {"lastScanResult": {"tagCount": 12}}}), "scan fetched 12 tags"),
        ("ImagePolicy", json!({"status": {"latestRef": {"name": "a/b", "tag": "1"}}}), "selected ref a/b:1"),
        (
            "ImagePolicy",
            json!({"status": {"latestRef": {"name": "a/b", "tag": "1", "digest": "sha256:0"}}}),
            "selected ref a/b:1@sha256:0",
        ),
        ("ImageUpdateAutomation", json!({}), "automation not yet run"),
        (
            "ImageUpdateAutomation",
            json!({"status": {"conditions": [{"type": "Ready", "status": "True", "message": "pushed"}]}}),
            "pushed",
        ),
        ("Receiver", json!({}), "Receiver reconciliation completed"),
        ("Alert", json!({}), "Alert reconciliation completed"),
        ("Provider", json!({}), "Provider reconciliation completed"),
    ];
    for (name, object, says) in &cases {
        assert_eq!((kind(name).outcome)(object), *says, "{name}");
    }
    for one in KINDS.iter().filter(|kind| kind.verbs.suspend) {
        assert!(!(one.outcome)(&json!({})).is_empty(), "{}", one.kind);
    }
}

#[test]
fn an_object_is_not_ready_before_it_has_a_condition_unless_its_kind_has_none() {
    for kind in KINDS {
        let expected = match kind.kind {
            "Alert" => ("True", "Alert is Ready"),
            "Provider" => ("True", "Provider is Ready"),
            _ => ("False", "waiting to be reconciled"),
        };
        let (status, message) = kind.ready(&json!({}));
        assert_eq!((status.as_str(), message.as_str()), expected, "{}", kind.kind);
    }
}

#[test]
fn a_registry_of_charts_is_ready_and_an_index_of_charts_must_be_fetched_first() {
    let registry = json!({"metadata": {"name": "r"}, "spec": {"type": "oci"}});
    assert_eq!(row("HelmRepository", &registry), ["r", "", "False", "True", "Helm repository is Ready"]);
    let index = json!({"metadata": {"name": "i"}, "spec": {"suspend": true}});
    assert_eq!(row("HelmRepository", &index), ["i", "", "True", "False", "waiting to be reconciled"]);
}

#[test]
fn digests_are_shortened_for_sources_and_shown_whole_where_they_are_the_point() {
    let digest = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
    let object = json!({
        "metadata": {"name": "x"},
        "status": {
            "artifact": {"revision": format!("main@sha1:{digest}")},
            "conditions": [{"type": "Ready", "status": "True", "message": format!("/hook/{digest}")}],
        },
    });
    let message = |name: &str| row(name, &object).pop().unwrap();
    for name in ["GitRepository", "OCIRepository", "Bucket", "HelmRepository", "ExternalArtifact"] {
        assert_eq!(row(name, &object)[1], "main@sha1:01234567", "{name}");
        assert_eq!(message(name), "/hook/01234567", "{name}");
    }
    assert_eq!(row("HelmChart", &object)[1], format!("main@sha1:{digest}"));
    for name in [
        "Receiver",
        "HelmRelease",
        "ImagePolicy",
        "ImageRepository",
        "ImageUpdateAutomation",
        "ArtifactGenerator",
    ] {
        assert_eq!(message(name), format!("/hook/{digest}"), "{name}");
    }
}

#[test]
fn a_generator_is_suspended_by_its_annotation_and_other_kinds_by_their_spec() {
    let annotated =
        json!({"metadata": {"annotations": {"source.extensions.fluxcd.io/reconcile": "Disabled"}}});
    let specified = json!({"spec": {"suspend": true}});
    for kind in KINDS {
        let by_annotation = kind.kind == "ArtifactGenerator";
        let by_spec = !by_annotation && kind.kind != "ExternalArtifact";
        assert_eq!(kind.is_suspended(&annotated), by_annotation, "{}", kind.kind);
        assert_eq!(kind.is_suspended(&specified), by_spec, "{}", kind.kind);
    }
}

#[test]
fn a_reference_without_a_namespace_means_that_of_the_object() {
    let metadata = json!({"name": "app", "namespace": "apps"});
    let source = |name: &str, spec: Value| {
        (kind(name).source)(&json!({"metadata": metadata, "spec": spec})).map(|found| found.to_string())
    };
    let git = json!({"kind": "GitRepository", "name": "fleet"});
    assert_eq!(source("Kustomization", json!({"sourceRef": git})).unwrap(), "GitRepository/apps/fleet");
    let chart = json!({"kind": "OCIRepository", "name": "c", "namespace": "other"});
    assert_eq!(source("HelmRelease", json!({"chartRef": chart})).unwrap(), "OCIRepository/other/c");
    let template =
        json!({"spec": {"sourceRef": {"kind": "HelmRepository", "name": "h", "namespace": "other"}}});
    assert_eq!(source("HelmRelease", json!({"chart": template})).unwrap(), "HelmChart/other/apps-app");
    assert_eq!(source("Alert", json!({"providerRef": {"name": "chat"}})).unwrap(), "Provider/apps/chat");
    assert_eq!(source("GitRepository", json!({})), None);
}

#[test]
fn no_two_kinds_share_a_place_in_get_all_or_in_stats() {
    let places: BTreeSet<u8> = KINDS.iter().map(|kind| kind.place).collect();
    assert_eq!(places.len(), KINDS.len());
    let counted: Vec<u8> = KINDS.iter().filter_map(|kind| kind.place_in_stats).collect();
    assert_eq!(counted.iter().collect::<BTreeSet<_>>().len(), counted.len());
}

#[test]
fn a_kind_is_found_by_its_name_in_any_case() {
    for kind in KINDS {
        assert_eq!(
            fluxr::testing::kind::by_name(&kind.kind.to_uppercase()).map(|found| found.plural),
            Some(kind.plural)
        );
    }
    assert!(fluxr::testing::kind::by_name("Deployment").is_none());
}

#[test]
fn a_kind_is_meant_by_its_name_its_plural_and_its_short_names_with_and_without_the_group() {
    for kind in KINDS {
        let name = kind.kind.to_lowercase();
        let words = [name.clone(), kind.plural.to_owned(), format!("{name}.{}", kind.group), kind.crd_name()];
        for word in words.iter().map(String::as_str).chain(kind.noun.short.iter().copied()) {
            assert_eq!(
                fluxr::testing::kind::by_word(word).map(|found| found.kind),
                Some(kind.kind),
                "{word}"
            );
        }
    }
    for word in ["", ".", "pod", "kustomization.example.com", "kustomize.toolkit.fluxcd.io"] {
        assert!(fluxr::testing::kind::by_word(word).is_none(), "{word}");
    }
}

#[test]
fn what_go_writes_otherwise_is_a_field_that_there_is() {
    for kind in KINDS {
        let definition = fluxr::testing::kind::definition(kind);
        let spec = &definition["spec"]["versions"][0]["schema"]["openAPIV3Schema"]["properties"]["spec"];
        for (path, _) in kind.written {
            let pointer = path.replace('/', "/properties/");
            assert!(spec.pointer(&pointer).is_some(), "{} has no {path}", kind.kind);
        }
    }
}
