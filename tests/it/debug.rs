//! `debug` against the stand-in for an API server.

use crate::support::ApiServer;
use crate::support::Cli;
use crate::support::Fault;
use crate::support::flux_object;
use crate::support::ready;
use base64::Engine;
use serde_json::Value;
use serde_json::json;

fn data(kind: &str, name: &str, data: Value) -> Value {
    json!({"apiVersion": "v1", "kind": kind, "metadata": {"name": name, "namespace": "flux-system"}, "data": data})
}

fn encoded(text: &str) -> String {
    base64::engine::general_purpose::STANDARD.encode(text)
}

/// The values of a release with this spec.
fn values(spec: Value) -> crate::support::Output {
    let server = ApiServer::with_flux();
    let defaults = "image:\n  tag: v1\n  pull: yes\nports: [80, 443]\nmode: 0644\n";
    server.put(data(
        "ConfigMap",
        "base",
        json!({"values.yaml": defaults, "tag": "1.10", "count": "3", "text": "a, {b}\nc"}),
    ));
    server.put(data(
        "Secret",
        "login",
        json!({"values.yaml": encoded("password: hunter22\n"), "key": encoded("hunter22")}),
    ));
    server.put(flux_object("HelmRelease", "app", spec, json!({})));
    Cli::against(&server).run(&["debug", "hr", "app", "--show-values"])
}

#[test]
fn values_are_laid_over_each_other_in_order_and_the_inline_ones_come_last() {
    let seen = values(json!({
        "valuesFrom": [{"kind": "ConfigMap", "name": "base"}, {"kind": "Secret", "name": "login"}],
        "values": {"image": {"tag": "v2"}, "ports": [8080]},
    }));
    let wanted = "image:\n  pull: true\n  tag: v2\nmode: 420\npassword: hunter22\nports:\n- 8080\n";
    assert_eq!(seen.succeeded(), wanted);
    assert_eq!(values(json!({})).succeeded(), "{}\n");
}

#[test]
fn a_value_is_put_at_its_path() {
    let at = |key: &str, path: &str, more: Value| {
        let mut reference =
            json!({"kind": "ConfigMap", "name": "base", "valuesKey": key, "targetPath": path});
        json_patch::merge(&mut reference, &more);
        reference
    };
    let seen = values(
        json!({"valuesFrom": [at("tag", "image.tag", json!({})), at("count", "list[1].n", json!({}))]}),
    );
    assert_eq!(seen.succeeded(), "image:\n  tag: \"1.10\"\nlist:\n- null\n- \"n\": 3\n");
    let seen = values(json!({"valuesFrom": [at("text", "a\\.b", json!({"literal": true}))]}));
    assert_eq!(seen.succeeded(), "a.b: |-\n  a, {b}\n  c\n");
    let seen = values(json!({"valuesFrom": [at("count", "a.b", json!({}))], "values": {"a": "text"}}));
    assert!(seen.failed().contains("interface {} is string, not map[string]interface {}"), "{seen:?}");
}

#[test]
fn a_reference_to_nothing_fails_unless_it_is_optional() {
    let of = |kind: &str, name: &str, key: &str, optional: bool| json!({"valuesFrom": [{"kind": kind, "name": name, "valuesKey": key, "optional": optional}]});
    for (kind, name, key, reason) in [
        ("Secret", "none", "key", "secrets \"none\" not found"),
        ("ConfigMap", "base", "none", "key not found"),
    ] {
        let seen = values(of(kind, name, key, false));
        let wanted = format!(
            "✗ could not resolve {kind} chart values reference 'flux-system/{name}' with key '{key}': {reason}\n"
        );
        assert_eq!(seen.failed(), wanted);
        assert_eq!(values(of(kind, name, key, true)).succeeded(), "{}\n");
    }
}

#[test]
fn variables_are_sorted_lines_without_newlines_in_them() {
    let server = ApiServer::with_flux();
    server.put(data("ConfigMap", "vars", json!({"region": "eu\n", "zone": "a"})));
    server.put(data("Secret", "vars", json!({"zone": encoded("b\n")})));
    let from = json!([
        {"kind": "ConfigMap", "name": "vars"},
        {"kind": "Secret", "name": "none", "optional": true},
        {"kind": "Secret", "name": "vars"},
    ]);
    let spec = json!({"postBuild": {"substituteFrom": from, "substitute": {"region": "us", "name": "a\nb"}}});
    server.put(flux_object("Kustomization", "app", spec, json!({})));
    server.put(flux_object("Kustomization", "plain", json!({}), json!({})));
    let cli = Cli::against(&server);
    assert_eq!(cli.run(&["debug", "ks", "app", "--show-vars"]).succeeded(), "name=ab\nregion=us\nzone=b\n");
    let seen = cli.run(&["debug", "ks", "plain", "--show-vars"]);
    assert_eq!(seen.failed(), "✗ no post build substitutions found\n");
    server.fail("GET", "/secrets/vars", 1, Fault::Status(403));
    let seen = cli.run(&["debug", "ks", "app", "--show-vars"]);
    assert!(seen.failed().contains("substitute from 'Secret/vars' error: "), "{seen:?}");
    assert!(seen.err.contains("hint: ") && seen.out.is_empty(), "{seen:?}");
}

#[test]
fn status_and_history_are_yaml_below_the_address_of_their_documentation() {
    let server = ApiServer::with_flux();
    let release = json!({"name": "app", "version": 2, "testHooks": {"smoke": {"phase": "Succeeded"}}});
    let status = ready("True", "installed", json!({"history": [release]}));
    server.put(flux_object("HelmRelease", "app", json!({}), status));
    server.put(flux_object("Kustomization", "app", json!({}), json!({"observedGeneration": 3})));
    let cli = Cli::against(&server);
    let shown = |words: &str| {
        let words: Vec<&str> = words.split(' ').collect();
        let seen = cli.run(&words);
        let (first, rest) = seen.succeeded().split_once('\n').unwrap();
        assert!(first.starts_with('#') && first.contains("https://fluxcd.io/flux/components/"), "{first}");
        rest.to_owned()
    };
    let hooks = "testHooks:\n    smoke:\n      lastCompleted: null\n      lastStarted: null\n      phase: Succeeded\n";
    assert_eq!(
        shown("debug hr app --show-history"),
        format!("- deleted: null\n  name: app\n  {hooks}  version: 2\n")
    );
    assert!(shown("debug helmrelease app --show-status").contains("message: installed\n"));
    assert_eq!(shown("debug ks app --show-status"), "observedGeneration: 3\n");
    assert_eq!(shown("debug ks app --show-history"), "[]\n");
}

#[test]
fn exactly_one_name_and_one_flag_are_taken() {
    let cli = Cli::new();
    let said = |words: &[&str]| cli.run(words).failed().to_owned();
    assert_eq!(said(&["debug", "ks", "--show-vars"]), "✗ accepts 1 arg(s), received 0\n");
    assert_eq!(said(&["debug", "ks", "a", "b", "--show-vars"]), "✗ accepts 1 arg(s), received 2\n");
    let wanted = "✗ exactly one of --show-status, --show-values, or --show-history must be set\n";
    assert_eq!(said(&["debug", "hr", "a"]), wanted);
    assert_eq!(said(&["debug", "hr", "a", "--show-status", "--show-values"]), wanted);
}
