//! The scenarios on a real API server, and what only a real one can tell.

use super::place::NAMESPACE;
use super::place::Real;
use super::place::api_of;
use crate::scenarios;
use crate::scenarios::Place;
use crate::support::Cli;
use kube::api::Patch;
use kube::api::PatchParams;
use kube::core::ApiResource;
use kube::core::GroupVersionKind;
use serde_json::Value;
use serde_json::json;

#[test]
#[ignore = "needs the testbed"]
fn the_scenarios_hold_on_a_real_api_server() {
    let folder = tempfile::tempdir().unwrap();
    let real = Real::start(folder.path());
    let mut failed = Vec::new();
    for (name, scenario) in scenarios::all() {
        real.begin();
        let run = std::panic::AssertUnwindSafe(|| scenario(&real));
        if std::panic::catch_unwind(run).is_err() {
            failed.push(*name);
        }
    }
    assert!(scenarios::all().count() > 20);
    real.begin();
    what_may_not_be_seen_fails_and_the_rest_is_shown(&real);
    who_may_see_some_namespaces_sees_those(&real);
    who_is_not_known_is_told_so_once(&real);
    assert_eq!(failed, Vec::<&str>::new(), "what they said is above");
}

/// A user who may read Kustomizations and nothing else.
fn what_may_not_be_seen_fails_and_the_rest_is_shown(real: &Real) {
    let api = |kind: &str, object: Value| {
        let gvk = GroupVersionKind::gvk("rbac.authorization.k8s.io", "v1", kind);
        let api = api_of(&real.client, &ApiResource::from_gvk(&gvk), NAMESPACE);
        real.runtime
            .block_on(api.patch("reader", &PatchParams::apply("test"), &Patch::Apply(object)))
            .unwrap();
    };
    let version = "rbac.authorization.k8s.io/v1";
    let rule = json!({
        "apiGroups": ["kustomize.toolkit.fluxcd.io"], "resources": ["kustomizations"], "verbs": ["get", "list"],
    });
    api(
        "Role",
        json!({"apiVersion": version, "kind": "Role", "metadata": {"name": "reader"}, "rules": [rule]}),
    );
    let role = json!({"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": "reader"});
    let subject = json!({"apiGroup": "rbac.authorization.k8s.io", "kind": "User", "name": "reader"});
    api(
        "RoleBinding",
        json!({"apiVersion": version, "kind": "RoleBinding", "metadata": {"name": "reader"}, "roleRef": role, "subjects": [subject]}),
    );
    let kubeconfig = real.cluster.kubeconfig_for("reader", &[]).unwrap();
    let cli = Cli::new().with_kubeconfig(&std::fs::read_to_string(kubeconfig).unwrap());
    assert!(cli.run(&["get", "ks"]).succeeded().contains("not yet"));
    let seen = cli.run(&["get", "all"]);
    assert!(
        seen.failed().contains("listing gitrepositories: ") && seen.err.contains("cannot list resource"),
        "{seen:?}"
    );
    assert!(seen.out.contains("kustomization/app"), "{seen:?}");
    assert!(cli.run(&["suspend", "ks", "app"]).failed().contains("cannot patch resource"));
}

/// A user who may read Kustomizations in one namespace, and the names of all.
fn who_may_see_some_namespaces_sees_those(real: &Real) {
    let rbac = |kind: &str, object: Value| {
        let gvk = GroupVersionKind::gvk("rbac.authorization.k8s.io", "v1", kind);
        let api = api_of(&real.client, &ApiResource::from_gvk(&gvk), "");
        let patch = Patch::Apply(object);
        real.runtime.block_on(api.patch("lister", &PatchParams::apply("test"), &patch)).unwrap();
    };
    let group = "rbac.authorization.k8s.io";
    let version = format!("{group}/v1");
    let rule = json!({"apiGroups": [""], "resources": ["namespaces"], "verbs": ["list"]});
    let metadata = json!({"name": "lister"});
    rbac(
        "ClusterRole",
        json!({"apiVersion": version, "kind": "ClusterRole", "metadata": metadata, "rules": [rule]}),
    );
    let role = json!({"apiGroup": group, "kind": "ClusterRole", "name": "lister"});
    let subject = json!({"apiGroup": group, "kind": "User", "name": "reader"});
    rbac(
        "ClusterRoleBinding",
        json!({"apiVersion": version, "kind": "ClusterRoleBinding", "metadata": metadata, "roleRef": role, "subjects": [subject]}),
    );
    let kubeconfig = real.cluster.kubeconfig_for("reader", &[]).unwrap();
    let cli = Cli::new().with_kubeconfig(&std::fs::read_to_string(kubeconfig).unwrap());
    let seen = cli.run(&["get", "ks", "-A"]);
    assert!(seen.failed().contains("listing kustomizations in default, kube-"), "{seen:?}");
    assert!(seen.out.contains("flux-system\tapp \t") && seen.out.contains("not yet"), "{seen:?}");
    let seen = cli.run(&["get", "all", "-A", "-o", "name"]);
    assert_eq!(seen.out, "kustomization.kustomize.toolkit.fluxcd.io/app\n");
    assert!(seen.failed().contains("listing gitrepositories: "), "{seen:?}");
    let seen = cli.run(&["stats", "-A"]);
    assert!(seen.out.contains("\nKustomization        \t1"), "{seen:?}");
    assert!(seen.failed().contains("listing kustomizations in default, "), "{seen:?}");
}

/// A user with a token that was never issued.
fn who_is_not_known_is_told_so_once(real: &Real) {
    let mut kubeconfig: Value = serde_saphyr::from_str(&real.kubeconfig()).unwrap();
    kubeconfig["users"][0]["user"] = json!({"token": "nobody-gave-me-this"});
    let cli = Cli::new().with_kubeconfig(&kubeconfig.to_string());
    for line in [
        "get ks",
        "get all",
        "stats",
        "suspend ks app",
        "reconcile ks app",
        "events",
        "why ks/app",
        "check --pre",
    ] {
        let seen = cli.run(&line.split(' ').collect::<Vec<_>>());
        assert!(seen.failed().contains("Unauthorized"), "{line}: {seen:?}");
        assert_eq!(
            seen.err.matches("hint: the credentials were refused or have expired").count(),
            1,
            "{line}: {seen:?}"
        );
        assert!(!seen.err.contains("nobody-gave-me-this"), "{line}: {seen:?}");
    }
}
