//! `migrate` in a cluster that holds objects in several versions, and records of who wrote them in several.

use super::Answers;
use super::judge;
use super::pair::Pair;
use super::pair::Said;
use super::stage::Stage;
use kube::Api;
use kube::Client;
use kube::api::ApiResource;
use kube::api::DeleteParams;
use kube::api::GroupVersionKind;
use kube::api::ListParams;
use kube::api::Patch;
use kube::api::PatchParams;
use kube::api::PostParams;
use kube::core::DynamicObject;
use serde_json::Value;
use serde_json::json;
use std::time::Duration;
use std::time::Instant;

const DEFINITION: &str = "things.tests.toolkit.fluxcd.io";
const GROUP: &str = "tests.toolkit.fluxcd.io";

fn definitions(client: &Client) -> Api<DynamicObject> {
    let gvk = GroupVersionKind::gvk("apiextensions.k8s.io", "v1", "CustomResourceDefinition");
    Api::all_with(client.clone(), &ApiResource::from_gvk(&gvk))
}

fn things(client: &Client, version: &str) -> Api<DynamicObject> {
    let gvk = GroupVersionKind::gvk(GROUP, version, "Thing");
    Api::namespaced_with(client.clone(), "default", &ApiResource::from_gvk(&gvk))
}

/// Tries until it succeeds: the server learns of definitions in the background.
async fn eventually<T>(what: &str, mut work: impl AsyncFnMut() -> Option<T>) -> T {
    let begun = Instant::now();
    loop {
        if let Some(done) = work().await {
            return done;
        }
        assert!(begun.elapsed() < Duration::from_secs(30), "{what} takes too long");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

/// Objects that were written in the old version, in both, and in the new one, by several clients; only then is the new one stored.
async fn begin(client: &Client) {
    let definitions = definitions(client);
    let _ = definitions.delete(DEFINITION, &DeleteParams::default()).await;
    eventually("deleting", async || definitions.get_opt(DEFINITION).await.unwrap().is_none().then_some(()))
        .await;
    let any = json!({"type": "object", "x-kubernetes-preserve-unknown-fields": true});
    let version = |name: &str, is_stored: bool| {
        json!({
            "name": name, "served": true, "storage": is_stored, "subresources": {"status": {}},
            "schema": {"openAPIV3Schema": {"type": "object", "properties": {"spec": any, "status": any}}},
        })
    };
    let definition = json!({
        "apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition",
        "metadata": {"name": DEFINITION, "labels": {"app.kubernetes.io/part-of": "flux"}},
        "spec": {
            "group": GROUP, "scope": "Namespaced", "versions": [version("v1beta1", true), version("v1", false)],
            "names": {"plural": "things", "singular": "thing", "kind": "Thing"},
        },
    });
    let definition = serde_json::from_value(definition).unwrap();
    definitions.create(&PostParams::default(), &definition).await.unwrap();
    for (version, name, manager, part) in [
        ("v1beta1", "old", "kustomize-controller", "spec"),
        ("v1beta1", "old", "controller", "status"),
        ("v1beta1", "mixed", "one", "spec"),
        ("v1", "mixed", "other", "spec"),
        ("v1", "new", "one", "spec"),
        ("v1beta1", "many-0", "one", "spec"),
        ("v1beta1", "many-1", "one", "spec"),
    ] {
        let object = json!({
            "apiVersion": format!("{GROUP}/{version}"), "kind": "Thing",
            "metadata": {"name": name, "namespace": "default"}, part: {manager: 1},
        });
        let parameters = PatchParams::apply(manager).force();
        let things = things(client, version);
        eventually("writing an object", async || {
            let patch = Patch::Apply(&object);
            match part {
                "spec" => things.patch(name, &parameters, &patch).await.ok(),
                _ => things.patch_status(name, &parameters, &patch).await.ok(),
            }
        })
        .await;
    }
    let versions = json!({"spec": {"versions": [version("v1beta1", false), version("v1", true)]}});
    definitions.patch(DEFINITION, &PatchParams::default(), &Patch::Merge(&versions)).await.unwrap();
    // Nothing tells when the server has changed to the other version.
    tokio::time::sleep(Duration::from_secs(2)).await;
}

/// The objects without what differs from one creation to the next, and the versions that are stored.
async fn held(client: &Client) -> Vec<Value> {
    let listed = things(client, "v1").list(&ListParams::default()).await.unwrap();
    let mut held: Vec<Value> = listed
        .items
        .into_iter()
        .map(|object| {
            let mut object = serde_json::to_value(object).unwrap();
            let metadata = object["metadata"].as_object_mut().unwrap();
            metadata.retain(|field, _| {
                !["uid", "creationTimestamp", "resourceVersion"].contains(&field.as_str())
            });
            for record in metadata["managedFields"].as_array_mut().unwrap() {
                record.as_object_mut().unwrap().remove("time");
            }
            object
        })
        .collect();
    let definition = definitions(client).get(DEFINITION).await.unwrap();
    held.push(definition.data["status"]["storedVersions"].clone());
    held
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs the testbed"]
async fn objects_of_several_versions_are_migrated_alike() {
    let stage = Stage::new().await;
    let pair = Pair::new(stage.folder.path(), Some(&stage.cluster.kubeconfig()));
    let mut seen: Vec<(Vec<Said>, Vec<Value>)> = Vec::new();
    for run in [Pair::flux, Pair::fluxr] {
        begin(&stage.client).await;
        let before = held(&stage.client).await;
        assert_eq!(before.last(), Some(&json!(["v1beta1", "v1"])));
        let said = vec![run(&pair, "migrate"), run(&pair, "migrate")];
        let after = held(&stage.client).await;
        assert_eq!(after.last(), Some(&json!(["v1"])), "{said:#?}");
        assert!(before[..4].iter().any(|object| object.to_string().contains("v1beta1")), "{before:#?}");
        assert!(!after.iter().any(|object| object.to_string().contains("v1beta1")), "{after:#?}");
        seen.push((said, after));
    }
    let [(theirs, their_objects), (ours, our_objects)] = <[_; 2]>::try_from(seen).unwrap();
    let answers: Vec<Answers> = theirs
        .into_iter()
        .zip(ours)
        .map(|(flux, fluxr)| Answers { line: "migrate".to_owned(), flux, fluxr })
        .collect();
    judge(&answers);
    for (theirs, ours) in their_objects.iter().zip(&our_objects) {
        assert_eq!(theirs, ours);
    }
}
