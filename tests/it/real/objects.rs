//! Our CRDs on a real API server: it takes them, keeps every field of every kind, and refuses whatever breaks a constraint.

use super::violations::change;
use super::violations::count_rules;
use super::violations::rule_violations;
use super::violations::violations;
use crate::full_objects::full_object;
use fluxr::testing::api::Kind;
use fluxr::testing::kind::KINDS;
use futures::StreamExt;
use kube::Api;
use kube::Client;
use kube::api::DynamicObject;
use kube::api::Patch;
use kube::api::PatchParams;
use kube::api::PostParams;
use kube::config::Kubeconfig;
use serde_json::Value;
use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::Weak;
use std::time::Duration;
use tempfile::TempDir;
use testbed::Cluster;

/// A real control plane that serves our CRDs, and nothing else of Flux.
struct Server {
    cluster: Cluster,
    _folder: TempDir,
}

/// The tests share one server while any of them runs; the last one ends it.
static SHARED: Mutex<Weak<Server>> = Mutex::new(Weak::new());

async fn api_server() -> (Arc<Server>, Client) {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let server = {
        let mut shared = SHARED.lock().unwrap();
        shared.upgrade().unwrap_or_else(|| {
            let folder = tempfile::tempdir().unwrap();
            let server =
                Arc::new(Server { cluster: Cluster::start(folder.path()).unwrap(), _folder: folder });
            *shared = Arc::downgrade(&server);
            server
        })
    };
    let kubeconfig = Kubeconfig::read_from(server.cluster.kubeconfig()).unwrap();
    let config = kube::Config::from_custom_kubeconfig(kubeconfig, &Default::default()).await.unwrap();
    let client = Client::try_from(config).unwrap();
    install_definitions(&client).await;
    (server, client)
}

pub(super) async fn install_definitions(client: &Client) {
    let resource = kube::core::ApiResource {
        group: "apiextensions.k8s.io".to_owned(),
        version: "v1".to_owned(),
        api_version: "apiextensions.k8s.io/v1".to_owned(),
        kind: "CustomResourceDefinition".to_owned(),
        plural: "customresourcedefinitions".to_owned(),
    };
    let definitions: Api<DynamicObject> = Api::all_with(client.clone(), &resource);
    for kind in KINDS {
        let strict = PatchParams {
            field_validation: Some(kube::api::ValidationDirective::Strict),
            ..PatchParams::apply("fluxr").force()
        };
        definitions
            .patch(&kind.crd_name(), &strict, &Patch::Apply(fluxr::testing::kind::definition(kind)))
            .await
            .unwrap();
    }
    for kind in KINDS {
        let mut tries = 0;
        loop {
            let found = definitions.get(&kind.crd_name()).await.unwrap();
            let holds = |condition: &str| {
                let conditions = found.data["status"]["conditions"].as_array().cloned().unwrap_or_default();
                conditions.iter().any(|one| one["type"] == condition && one["status"] == "True")
            };
            assert!(!holds("NonStructuralSchema"), "{}: {:#}", kind.kind, found.data["status"]);
            if holds("Established") {
                break;
            }
            tries += 1;
            assert!(tries < 100, "{} is not served: {:#}", kind.kind, found.data["status"]);
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }
}

fn api_of(client: &Client, kind: &Kind) -> Api<DynamicObject> {
    Api::default_namespaced_with(client.clone(), &kind.api_resource())
}

fn typed(object: &Value) -> DynamicObject {
    serde_json::from_value(object.clone()).unwrap()
}

/// Applies an object, and writes its status as a controller does.
async fn store(api: &Api<DynamicObject>, object: &Value) -> DynamicObject {
    let name = object["metadata"]["name"].as_str().unwrap();
    let strict = PatchParams {
        field_validation: Some(kube::api::ValidationDirective::Strict),
        ..PatchParams::apply("fluxr").force()
    };
    let stored = api
        .patch(name, &strict, &Patch::Apply(object))
        .await
        .unwrap_or_else(|error| panic!("{name}: {error}"));
    match object.get("status") {
        Some(status) => {
            let mut with_status = stored;
            with_status.data["status"] = status.clone();
            api.replace_status(name, &PostParams::default(), &with_status).await.unwrap()
        }
        None => stored,
    }
}

#[tokio::test]
#[ignore = "needs the testbed"]
async fn an_object_with_every_field_set_is_stored_unchanged() {
    let (_server, client) = api_server().await;
    for kind in KINDS {
        let api = api_of(&client, kind);
        for object in (0..).map_while(|variant| full_object(kind, variant)) {
            let stored = store(&api, &object).await;
            assert_eq!(stored.data["spec"], object["spec"], "{}", kind.kind);
            assert_eq!(stored.data.get("status"), object.get("status"), "{}", kind.kind);
        }
    }
}

#[tokio::test]
#[ignore = "needs the testbed"]
async fn a_new_object_says_that_nothing_was_observed_yet() {
    let (_server, client) = api_server().await;
    for kind in KINDS {
        let mut object = full_object(kind, 0).unwrap();
        object["metadata"]["name"] = "fresh".into();
        object.as_object_mut().unwrap().remove("status");
        let pretended = PostParams { dry_run: true, ..PostParams::default() };
        let created = api_of(&client, kind).create(&pretended, &typed(&object)).await.unwrap();
        let definition = fluxr::testing::kind::definition(kind);
        let default = definition.pointer("/spec/versions/0/schema/openAPIV3Schema/properties/status/default");
        assert_eq!(created.data.get("status"), default, "{}", kind.kind);
    }
}

#[tokio::test]
#[ignore = "needs the testbed"]
async fn whatever_breaks_a_constraint_is_refused_and_the_field_is_named() {
    let (_server, client) = api_server().await;
    let mut attempts = Vec::new();
    for kind in KINDS {
        let schema =
            fluxr::testing::kind::definition(kind)["spec"]["versions"][0]["schema"]["openAPIV3Schema"].take();
        for object in (0..).map_while(|variant| full_object(kind, variant)) {
            store(&api_of(&client, kind), &object).await;
            attempts.extend(violations(&schema, &object).into_iter().map(|violation| (*kind, violation)));
        }
    }
    let count = attempts.len();
    let accepted: Vec<String> = futures::stream::iter(attempts)
        .map(|(kind, violation)| {
            let api = api_of(&client, kind);
            async move {
                let answer = pretend(&api, &violation.object, violation.field.starts_with("status")).await;
                let field = format!("{}:", violation.field);
                match answer {
                    Err(message) if message.contains(&field) && message.contains(&violation.says) => None,
                    other => {
                        Some(format!("{} {} ({}): {other:?}", kind.kind, violation.field, violation.says))
                    }
                }
            }
        })
        .buffer_unordered(8)
        .filter_map(|wrong| async { wrong })
        .collect()
        .await;
    assert!(accepted.is_empty(), "{} of {count}:\n{}", accepted.len(), accepted.join("\n"));
    assert!(count > 1000, "only {count} violations were tried");
}

/// A dry run of a create, or of a write to the status; the message of a refusal.
async fn pretend(api: &Api<DynamicObject>, object: &Value, status: bool) -> Result<(), String> {
    let pretended = PostParams { dry_run: true, ..PostParams::default() };
    let mut object = typed(object);
    let answer = if status {
        let name = object.metadata.name.clone().unwrap();
        object.metadata.resource_version = api.get(&name).await.unwrap().metadata.resource_version;
        api.replace_status(&name, &pretended, &object).await
    } else {
        object.metadata.name = Some("refused".to_owned());
        api.create(&pretended, &object).await
    };
    match answer {
        Ok(_) => Ok(()),
        Err(kube::Error::Api(refusal)) => Err(refusal.message.clone()),
        Err(error) => panic!("{error}"),
    }
}

#[tokio::test]
#[ignore = "needs the testbed"]
async fn whatever_breaks_a_rule_between_fields_is_refused_with_the_message_of_the_rule() {
    let (_server, client) = api_server().await;
    let mut said = BTreeSet::new();
    for (name, variant, changes, says) in rule_violations() {
        let kind = fluxr::testing::kind::by_name(name).unwrap();
        let mut object = full_object(kind, variant).unwrap();
        for (pointer, value) in &changes {
            change(&mut object, pointer, value.clone());
        }
        let refusal = pretend(&api_of(&client, kind), &object, false).await.unwrap_err();
        assert!(refusal.contains(says), "{name} {changes:?}: {refusal}");
        said.insert((name, format!("{changes:?}")));
    }
    let rules: usize = KINDS
        .iter()
        .map(|kind| {
            count_rules(
                &fluxr::testing::kind::definition(kind)["spec"]["versions"][0]["schema"]["openAPIV3Schema"],
            )
        })
        .sum();
    assert_eq!(said.len(), rules, "a rule is not tried, or tried twice");
}
