//! What counts as drift: the object in a cluster beside what an apply would make of it.

use super::kustomize::Selector;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use serde_json::Map;
use serde_json::Value;
use serde_json::json;

/// `spec.ignore` of a Kustomization: fields in which objects may differ.
#[derive(Debug, Default)]
pub struct IgnoreRules(Vec<(Selector, Vec<String>)>);

impl IgnoreRules {
    /// # Errors
    /// A target that is not a pattern.
    pub fn read(spec: &Value) -> anyhow::Result<Self> {
        let rules = spec["ignore"].as_array().into_iter().flatten();
        let read = rules.map(|rule| {
            let paths = rule["paths"].as_array().into_iter().flatten();
            let paths = paths.filter_map(Value::as_str).map(str::to_owned).collect();
            anyhow::Ok((Selector::read(&rule["target"])?, paths))
        });
        read.collect::<Result<_, _>>().map(Self)
    }

    /// Takes the ignored fields out of both; the second one decides which rules apply.
    pub fn strip(&self, live: &mut Value, merged: &mut Value) {
        for (selector, paths) in &self.0 {
            if selector.selects_object(merged) {
                for path in paths {
                    remove(live, path);
                    remove(merged, path);
                }
            }
        }
    }
}

/// Removes what a JSON pointer names; a field that is not there stays so. A negative index counts from the end.
fn remove(object: &mut Value, pointer: &str) {
    let Some((parent, last)) = pointer.rsplit_once('/') else { return };
    let last = last.replace("~1", "/").replace("~0", "~");
    match object.pointer_mut(parent) {
        Some(Value::Object(fields)) => drop(fields.remove(&last)),
        Some(Value::Array(items)) => {
            let at = last.parse::<isize>().ok();
            let at = at.and_then(|at| {
                if at < 0 { items.len().checked_add_signed(at) } else { usize::try_from(at).ok() }
            });
            if let Some(at) = at.filter(|at| *at < items.len()) {
                items.remove(at);
            }
        }
        _ => {}
    }
}

/// Whether the two differ in labels, annotations, or in anything but metadata and status.
pub fn has_drifted(live: &Value, merged: &Value) -> bool {
    let is_empty = |value: &Value| value.as_object().is_none_or(Map::is_empty);
    let differ = |field: &str| {
        let (live, merged) = (&live["metadata"][field], &merged["metadata"][field]);
        live != merged && !(is_empty(live) && is_empty(merged))
    };
    differ("labels") || differ("annotations") || !content(live).eq(content(merged))
}

fn content(object: &Value) -> impl Iterator<Item = (&String, &Value)> {
    let fields = object.as_object().into_iter().flatten();
    fields.filter(|(name, _)| !matches!(name.as_str(), "metadata" | "status"))
}

/// What an apply sends: as the controller sends it, with Secrets whose texts are encoded and ports that have a protocol.
/// The controller passes built-in kinds through their Go types, which does this.
pub fn normalised(mut object: Value) -> Value {
    let is_definition = object["kind"] == "CustomResourceDefinition";
    match object["kind"].as_str().unwrap_or_default() {
        "Secret" if object["apiVersion"] == "v1" => encode_texts(&mut object),
        "CustomResourceDefinition" => drop_broken_authority(&mut object),
        "Service" if object["apiVersion"] == "v1" => name_protocols(object.pointer_mut("/spec/ports")),
        kind => {
            if let Some(spec) = pod_template(kind).and_then(|path| object.pointer_mut(path)) {
                let containers = spec["containers"].as_array_mut().into_iter().flatten();
                containers.for_each(|container| name_protocols(container.get_mut("ports")));
            }
        }
    }
    if let Some(fields) = object.as_object_mut().filter(|_| !is_definition) {
        fields.remove("status");
    }
    object
}

/// Drops the authority of a conversion webhook that is not a certificate, as one that is still to be filled in.
fn drop_broken_authority(definition: &mut Value) {
    let Some(config) = definition.pointer_mut("/spec/conversion/webhook/clientConfig") else { return };
    let Some(bundle) = config["caBundle"].as_str().filter(|bundle| !bundle.is_empty()) else { return };
    let decoded = STANDARD.decode(bundle).ok();
    let is_one = |bytes: Vec<u8>| bytes.is_empty() || CertificateDer::from_pem_slice(&bytes).is_ok();
    if !decoded.is_some_and(is_one) {
        config.as_object_mut().into_iter().for_each(|fields| drop(fields.remove("caBundle")));
    }
}

/// Where a workload has the spec of its pods.
fn pod_template(kind: &str) -> Option<&'static str> {
    match kind {
        "Pod" => Some("/spec"),
        "Deployment" | "StatefulSet" | "DaemonSet" | "ReplicaSet" | "Job" => Some("/spec/template/spec"),
        "CronJob" => Some("/spec/jobTemplate/spec/template/spec"),
        _ => None,
    }
}

fn name_protocols(ports: Option<&mut Value>) {
    for port in ports.and_then(Value::as_array_mut).into_iter().flatten() {
        if let Some(fields) = port.as_object_mut() {
            let protocol = fields.entry("protocol").or_insert(Value::Null);
            if protocol.is_null() || protocol == "" {
                *protocol = json!("TCP");
            }
        }
    }
}

/// A Secret whose `stringData` is encoded into `data`; one with a value of another type stays as it is, and the API server refuses it.
fn encode_texts(secret: &mut Value) {
    let is_text =
        |field: &str| secret[field].as_object().is_none_or(|values| values.values().all(Value::is_string));
    if !is_text("data") || !is_text("stringData") {
        return;
    }
    let Some(Value::Object(texts)) = secret.as_object_mut().and_then(|fields| fields.remove("stringData"))
    else {
        return;
    };
    if !secret["data"].is_object() {
        secret["data"] = json!({});
    }
    for (key, text) in texts {
        secret["data"][key] = json!(STANDARD.encode(text.as_str().unwrap_or_default()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ignored_fields_are_taken_out_of_both_where_the_target_fits() {
        let spec = json!({"ignore": [
            {"paths": ["/spec/replicas", "/metadata/annotations/a~1b", "/spec/list/-1", "/spec/none/x"], "target": {"kind": "Deploy.*"}},
            {"paths": ["/spec/only"], "target": {"labelSelector": "a=b"}},
        ]});
        let rules = IgnoreRules::read(&spec).unwrap();
        let object = |replicas: u32| {
            json!({
                "apiVersion": "apps/v1", "kind": "Deployment",
                "metadata": {"name": "a", "annotations": {"a/b": replicas.to_string(), "c": "d"}},
                "spec": {"replicas": replicas, "list": [1, replicas], "only": 1},
            })
        };
        let (mut live, mut merged) = (object(1), object(2));
        rules.strip(&mut live, &mut merged);
        let left = json!({
            "apiVersion": "apps/v1", "kind": "Deployment",
            "metadata": {"name": "a", "annotations": {"c": "d"}},
            "spec": {"list": [1], "only": 1},
        });
        assert_eq!((&live, &merged), (&left, &left));
        assert!(IgnoreRules::read(&json!({"ignore": [{"paths": [], "target": {"name": "("}}]})).is_err());
    }

    #[test]
    fn metadata_and_status_are_not_drift_but_labels_and_annotations_are() {
        let live = json!({"metadata": {"generation": 1, "labels": {}}, "spec": {"a": 1}, "status": 1});
        let same = json!({"metadata": {"generation": 2}, "spec": {"a": 1}, "status": 2});
        assert!(!has_drifted(&live, &same));
        for other in [
            json!({"metadata": {"labels": {"a": "b"}}, "spec": {"a": 1}}),
            json!({"metadata": {"annotations": {"a": "b"}}, "spec": {"a": 1}}),
            json!({"metadata": {}, "spec": {"a": 2}}),
            json!({"metadata": {}, "spec": {"a": 1}, "data": {}}),
        ] {
            assert!(has_drifted(&live, &other), "{other}");
        }
    }

    #[test]
    fn an_apply_sends_encoded_secrets_and_ports_with_a_protocol() {
        let secret = json!({"apiVersion": "v1", "kind": "Secret", "data": {"a": "YQ=="}, "stringData": {"b": "b"}, "status": {}});
        assert_eq!(
            normalised(secret),
            json!({"apiVersion": "v1", "kind": "Secret", "data": {"a": "YQ==", "b": "Yg=="}})
        );
        let odd = json!({"apiVersion": "v1", "kind": "Secret", "stringData": {"b": 1}});
        assert_eq!(normalised(odd.clone()), odd);
        let pod = |ports: Value| json!({"kind": "CronJob", "spec": {"jobTemplate": {"spec": {"template": {"spec": {"containers": [{"ports": ports}]}}}}}});
        let ports = json!([{"containerPort": 1}, {"containerPort": 2, "protocol": "UDP"}]);
        let named = json!([{"containerPort": 1, "protocol": "TCP"}, {"containerPort": 2, "protocol": "UDP"}]);
        assert_eq!(normalised(pod(ports)), pod(named));
        let definition = json!({"kind": "CustomResourceDefinition", "status": {"a": 1}});
        assert_eq!(normalised(definition.clone()), definition);
    }
}
