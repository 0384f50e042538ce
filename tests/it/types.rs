//! The Rust types of the kinds write exactly what they read.

use crate::full_objects::full_object;
use fluxr::testing::api::AlertSpec;
use fluxr::testing::api::ArtifactGeneratorSpec;
use fluxr::testing::api::ArtifactGeneratorStatus;
use fluxr::testing::api::BucketSpec;
use fluxr::testing::api::BucketStatus;
use fluxr::testing::api::ExternalArtifactSpec;
use fluxr::testing::api::ExternalArtifactStatus;
use fluxr::testing::api::GitRepositorySpec;
use fluxr::testing::api::GitRepositoryStatus;
use fluxr::testing::api::HelmChartSpec;
use fluxr::testing::api::HelmChartStatus;
use fluxr::testing::api::HelmReleaseSpec;
use fluxr::testing::api::HelmReleaseStatus;
use fluxr::testing::api::HelmRepositorySpec;
use fluxr::testing::api::HelmRepositoryStatus;
use fluxr::testing::api::ImagePolicySpec;
use fluxr::testing::api::ImagePolicyStatus;
use fluxr::testing::api::ImageRepositorySpec;
use fluxr::testing::api::ImageRepositoryStatus;
use fluxr::testing::api::ImageUpdateAutomationSpec;
use fluxr::testing::api::ImageUpdateAutomationStatus;
use fluxr::testing::api::KustomizationSpec;
use fluxr::testing::api::KustomizationStatus;
use fluxr::testing::api::OCIRepositorySpec;
use fluxr::testing::api::OCIRepositoryStatus;
use fluxr::testing::api::ProviderSpec;
use fluxr::testing::api::ReceiverSpec;
use fluxr::testing::api::ReceiverStatus;
use fluxr::testing::kind::KINDS;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

fn through<T: DeserializeOwned + Serialize>(value: &Value) -> Value {
    let typed: T = serde_json::from_value(value.clone()).unwrap_or_else(|error| panic!("{error}: {value:#}"));
    serde_json::to_value(typed).unwrap()
}

/// Spec and status, read into the types of a kind and written again.
fn rewritten(kind: &str, object: &Value) -> (Value, Value) {
    macro_rules! of {
        ($spec:ty, $status:ty) => {
            (through::<$spec>(&object["spec"]), through::<$status>(&object["status"]))
        };
    }
    match kind {
        "Alert" => of!(AlertSpec, Value),
        "ArtifactGenerator" => of!(ArtifactGeneratorSpec, ArtifactGeneratorStatus),
        "Bucket" => of!(BucketSpec, BucketStatus),
        "ExternalArtifact" => of!(ExternalArtifactSpec, ExternalArtifactStatus),
        "GitRepository" => of!(GitRepositorySpec, GitRepositoryStatus),
        "HelmChart" => of!(HelmChartSpec, HelmChartStatus),
        "HelmRelease" => of!(HelmReleaseSpec, HelmReleaseStatus),
        "HelmRepository" => of!(HelmRepositorySpec, HelmRepositoryStatus),
        "ImagePolicy" => of!(ImagePolicySpec, ImagePolicyStatus),
        "ImageRepository" => of!(ImageRepositorySpec, ImageRepositoryStatus),
        "ImageUpdateAutomation" => of!(ImageUpdateAutomationSpec, ImageUpdateAutomationStatus),
        "Kustomization" => of!(KustomizationSpec, KustomizationStatus),
        "OCIRepository" => of!(OCIRepositorySpec, OCIRepositoryStatus),
        "Provider" => of!(ProviderSpec, Value),
        "Receiver" => of!(ReceiverSpec, ReceiverStatus),
        other => panic!("{other}: name its types here"),
    }
}

#[test]
fn an_object_with_every_field_set_comes_back_from_the_types_unchanged() {
    for kind in KINDS {
        for object in (0..).map_while(|variant| full_object(kind, variant)) {
            let (spec, status) = rewritten(kind.kind, &object);
            assert_eq!(spec, object["spec"], "{}", kind.kind);
            assert_eq!(status, *object.get("status").unwrap_or(&Value::Null), "{}", kind.kind);
        }
    }
}

#[test]
fn the_full_objects_of_a_kind_have_every_field_of_its_schema() {
    for kind in KINDS {
        let definition = fluxr::testing::kind::definition(kind);
        let properties = &definition["spec"]["versions"][0]["schema"]["openAPIV3Schema"]["properties"];
        let objects: Vec<Value> = (0..).map_while(|variant| full_object(kind, variant)).collect();
        for part in ["spec", "status"] {
            if let Some(schema) = properties.get(part) {
                see_every_field(schema, &format!("/{part}"), &objects, kind.kind);
            }
        }
    }
}

fn see_every_field(schema: &Value, pointer: &str, objects: &[Value], kind: &str) {
    assert!(objects.iter().any(|object| object.pointer(pointer).is_some()), "{kind}: {pointer}");
    for (name, property) in schema["properties"].as_object().into_iter().flatten() {
        see_every_field(property, &format!("{pointer}/{name}"), objects, kind);
    }
    if let Some(inner) = schema.get("items") {
        see_every_field(inner, &format!("{pointer}/0"), objects, kind);
    }
}
