//! `create tenant`.

use crate::support::ApiServer;
use crate::support::Cli;
use crate::support::Fault;
use serde_json::Value;
use serde_json::json;

const LINES: &str = "► applying namespace team-apps\n► applying service account team\n\
                     ► applying role binding team-reconciler\n✔ tenant setup completed\n";

fn create(cli: &Cli, more: &str) -> crate::support::Output {
    let line = format!("create tenant team --with-namespace=team-apps {more}");
    cli.run(&line.split_whitespace().collect::<Vec<_>>())
}

/// The requests that change something.
fn writes(server: &ApiServer) -> Vec<String> {
    let requests = server.requests().into_iter();
    requests.filter(|request| !request.starts_with("GET")).collect()
}

fn binding(server: &ApiServer) -> Value {
    server.get("RoleBinding", "team-apps", "team-reconciler").unwrap()
}

#[test]
fn a_namespace_an_account_and_a_binding_are_exported_for_each_namespace() {
    let line = "create tenant team --with-namespace=a,b --cluster-role=edit --label=x=y --export";
    let seen = Cli::new().run(&line.split(' ').collect::<Vec<_>>());
    let labels = "  labels:\n    toolkit.fluxcd.io/tenant: team\n    x: \"y\"\n";
    let of = |namespace: &str| {
        format!(
            "---\napiVersion: v1\nkind: Namespace\nmetadata:\n{labels}  name: {namespace}\n\
             ---\napiVersion: v1\nkind: ServiceAccount\nmetadata:\n{labels}  name: team\n  namespace: {namespace}\n\
             ---\napiVersion: rbac.authorization.k8s.io/v1\nkind: RoleBinding\nmetadata:\n{labels}  name: team-reconciler\n  \
             namespace: {namespace}\nroleRef:\n  apiGroup: rbac.authorization.k8s.io\n  kind: ClusterRole\n  name: edit\nsubjects:\n\
             - apiGroup: rbac.authorization.k8s.io\n  kind: User\n  name: gotk:{namespace}:reconciler\n\
             - kind: ServiceAccount\n  name: team\n  namespace: {namespace}\n"
        )
    };
    assert_eq!(seen.succeeded(), of("a") + &of("b"));
    let more = ["--skip-namespace", "--with-service-account=flux", "--with-namespace="];
    let seen = Cli::new().run(&[&line.split(' ').collect::<Vec<_>>()[..], &more].concat());
    assert!(!seen.succeeded().contains("kind: Namespace") && seen.out.contains("  name: flux\n"), "{seen:?}");
}

#[test]
fn what_is_as_it_should_be_is_not_written() {
    let server = ApiServer::with_flux();
    let cli = Cli::against(&server);
    assert_eq!(create(&cli, "--label=x=y").err, LINES);
    let made = server.get("Namespace", "", "team-apps").unwrap();
    assert_eq!(made["metadata"]["labels"]["toolkit.fluxcd.io/tenant"], "team");
    assert_eq!(binding(&server)["roleRef"]["name"], "cluster-admin");
    let before = writes(&server).len();
    let seen = create(&cli, "--label=x=y");
    seen.succeeded();
    assert_eq!(seen.err, LINES);
    assert_eq!(writes(&server).len(), before);
}

#[test]
fn labels_are_replaced_and_a_binding_with_another_role_is_recreated() {
    let server = ApiServer::with_flux();
    let cli = Cli::against(&server);
    create(&cli, "--label=x=y").succeeded();
    let before = binding(&server)["metadata"]["uid"].clone();
    create(&cli, "--label=x=z").succeeded();
    for (kind, namespace, name) in [
        ("Namespace", "", "team-apps"),
        ("ServiceAccount", "team-apps", "team"),
        ("RoleBinding", "team-apps", "team-reconciler"),
    ] {
        assert_eq!(server.get(kind, namespace, name).unwrap()["metadata"]["labels"]["x"], "z", "{kind}");
    }
    create(&cli, "--label=x=z --cluster-role=edit --with-service-account=flux --skip-namespace").succeeded();
    let after = binding(&server);
    assert_ne!(after["metadata"]["uid"], before);
    assert_eq!(after["roleRef"]["name"], "edit");
    assert_eq!(
        after["subjects"][1],
        json!({"kind": "ServiceAccount", "name": "flux", "namespace": "team-apps"})
    );
}

#[test]
fn a_refusal_names_the_object_and_ends_the_run() {
    let server = ApiServer::with_flux();
    server.fail("POST", "/api/v1/namespaces/team-apps/serviceaccounts", 1, Fault::Status(403));
    let seen = create(&Cli::against(&server), "");
    assert!(seen.failed().contains("ServiceAccount \"team-apps/team\""), "{seen:?}");
    assert!(server.get("Namespace", "", "team-apps").is_some());
    assert!(server.get("RoleBinding", "team-apps", "team-reconciler").is_none());
}
