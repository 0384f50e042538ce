//! `tree` against the stand-in for an API server.

use crate::support::ApiServer;
use crate::support::Cli;
use crate::support::flux_object;
use crate::support::ready;
use serde_json::Value;
use serde_json::json;

#[test]
fn a_tree_shows_what_is_managed_and_does_not_follow_a_cycle() {
    let server = ApiServer::with_flux();
    let kustomization = |name: &str, ids: &[&str]| {
        let entries: Vec<Value> = ids.iter().map(|id| json!({"id": id, "v": "v1"})).collect();
        let status = ready("True", "applied", json!({"inventory": {"entries": entries}}));
        flux_object("Kustomization", name, json!({"interval": "5m0s"}), status)
    };
    let id = |name: &str| format!("flux-system_{name}_kustomize.toolkit.fluxcd.io_Kustomization");
    server.put(kustomization("root", &[&id("root"), &id("apps"), "flux-system_plain__ConfigMap"]));
    server.put(kustomization("apps", &["web_web_apps_Deployment", &id("root")]));
    let cli = Cli::against(&server);
    let seen = cli.run(&["tree", "ks", "root"]);
    let wanted = "Kustomization/flux-system/root\n├── Kustomization/flux-system/apps\n│   ├── Deployment/web/web\n\
                  │   └── Kustomization/flux-system/root\n└── ConfigMap/flux-system/plain\n\n";
    assert_eq!(seen.succeeded(), wanted);
    let compact = cli.run(&["tree", "ks", "root", "--compact"]);
    assert!(!compact.succeeded().contains("Deployment") && !compact.out.contains("ConfigMap"));
    let json: Value =
        serde_json::from_str(cli.run(&["tree", "ks", "root", "-o", "json"]).succeeded()).unwrap();
    assert_eq!(json["resources"][0]["resource"]["GroupKind"]["Kind"], "Kustomization");
    assert!(cli.run(&["tree", "ks", "none"]).failed().contains("\"none\" not found"));
}

#[test]
fn an_output_that_there_is_not_is_refused_before_the_cluster_is_asked() {
    let server = ApiServer::with_flux();
    let cli = Cli::against(&server);
    for line in [["tree", "ks", "root"].as_slice(), &["tree", "artifact", "generator", "root"]] {
        for output in ["nonsense", "wide", "table"] {
            let seen = cli.run(&[line, &["-o", output]].concat());
            assert!(seen.failed().contains(output) && seen.out.is_empty(), "{seen:?}");
        }
    }
    assert_eq!(server.requests(), Vec::<String>::new());
}
