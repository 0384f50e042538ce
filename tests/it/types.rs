//! The Rust types of the kinds write exactly what they read.

use crate::full_objects::full_object;
use fluxr::api::extensions::artifact_generator::ArtifactGeneratorSpec;
use fluxr::api::extensions::artifact_generator::ArtifactGeneratorStatus;
use fluxr::api::helm::helm_release::HelmReleaseSpec;
use fluxr::api::helm::helm_release::HelmReleaseStatus;
use fluxr::api::image::image_policy::ImagePolicySpec;
use fluxr::api::image::image_policy::ImagePolicyStatus;
use fluxr::api::image::image_repository::ImageRepositorySpec;
use fluxr::api::image::image_repository::ImageRepositoryStatus;
use fluxr::api::image::image_update_automation::ImageUpdateAutomationSpec;
use fluxr::api::image::image_update_automation::ImageUpdateAutomationStatus;
use fluxr::api::kustomize::kustomization::KustomizationSpec;
use fluxr::api::kustomize::kustomization::KustomizationStatus;
use fluxr::api::notification::alert::AlertSpec;
use fluxr::api::notification::provider::ProviderSpec;
use fluxr::api::notification::receiver::ReceiverSpec;
use fluxr::api::notification::receiver::ReceiverStatus;
use fluxr::api::source::bucket::BucketSpec;
use fluxr::api::source::bucket::BucketStatus;
use fluxr::api::source::external_artifact::ExternalArtifactSpec;
use fluxr::api::source::external_artifact::ExternalArtifactStatus;
use fluxr::api::source::git_repository::GitRepositorySpec;
use fluxr::api::source::git_repository::GitRepositoryStatus;
use fluxr::api::source::helm_chart::HelmChartSpec;
use fluxr::api::source::helm_chart::HelmChartStatus;
use fluxr::api::source::helm_repository::HelmRepositorySpec;
use fluxr::api::source::helm_repository::HelmRepositoryStatus;
use fluxr::api::source::oci_repository::OCIRepositorySpec;
use fluxr::api::source::oci_repository::OCIRepositoryStatus;
use fluxr::kind::KINDS;
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
        let definition = fluxr::kind::definition(kind);
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
