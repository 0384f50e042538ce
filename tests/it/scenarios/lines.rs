//! The command lines that meet every fault of an API server: at least one for each command that reaches one.

use crate::support::command_of;
use crate::support::command_tree;
use crate::support::leaf_commands;
use fluxr::testing::api::Kind;
use fluxr::testing::kind::KINDS;
use std::collections::BTreeSet;

/// A command line, a request that it makes, and what it says that it was doing when that fails.
pub(super) struct Line {
    pub(super) words: String,
    pub(super) method: &'static str,
    pub(super) part: String,
    pub(super) doing: String,
}

impl Line {
    /// The exit code of a failure: of these commands, 1 says that something differs.
    pub(super) fn code(&self) -> i32 {
        let is_comparing = ["drift", "diff kustomization"].iter().any(|name| self.words.starts_with(name));
        if is_comparing { 2 } else { 1 }
    }
}

/// Lines that are not the same for every kind. `folder` and the files are those of [`super::faults`].
static OWN: &[(&str, &str, &str, &str)] = &[
    ("get ks app -o json", "GET", "/kustomizations", "listing kustomizations"),
    ("get ks --watch", "GET", "/kustomizations", "listing kustomizations"),
    ("get all", "GET", "/kustomizations", "listing kustomizations"),
    ("get all --watch --timeout=1s", "GET", "/kustomizations", "listing kustomizations"),
    ("get images all", "GET", "/imagepolicies", "listing imagepolicies"),
    ("get sources all", "GET", "/buckets", "listing buckets"),
    ("export ks --all", "GET", "/kustomizations", "listing kustomizations"),
    ("delete ks app -s", "DELETE", "/kustomizations/app", "deleting kustomization \"app\""),
    ("suspend ks app", "PATCH", "/kustomizations/app", "failed suspending Kustomization app"),
    ("resume ks app", "PATCH", "/kustomizations/app", "resuming kustomization app"),
    ("reconcile ks app", "PATCH", "/kustomizations/app", "annotating Kustomization \"flux-system/app\""),
    ("reconcile ks app --with-source", "GET", "/gitrepositories/app", "reading GitRepository"),
    ("reconcile --all", "GET", "/kustomizations", "listing kustomizations"),
    ("wait ks --all", "GET", "/kustomizations", "listing kustomizations"),
    ("events", "GET", "/events", "error getting events"),
    ("events --watch", "GET", "/events", "watching events"),
    ("events --for Kustomization/app", "GET", "/kustomizations/app", "reading Kustomization"),
    ("logs", "GET", "/deployments", "listing Deployments in"),
    ("stats", "GET", "/kustomizations", "listing kustomizations"),
    ("tree ks app", "GET", "/kustomizations/app", "reading Kustomization \"flux-system/app\""),
    (
        "tree artifact generator app",
        "GET",
        "/artifactgenerators/app",
        "reading ArtifactGenerator \"flux-system/app\"",
    ),
    ("trace ks/app", "GET", "/kustomizations/app", "reading Kustomization \"app\""),
    ("debug ks app --show-vars", "GET", "/kustomizations/app", "reading Kustomization"),
    ("debug hr app --show-values", "GET", "/helmreleases/app", "reading HelmRelease"),
    ("why ks/app", "GET", "/kustomizations/app", "reading Kustomization \"flux-system/app\""),
    ("graph", "GET", "/kustomizations", "listing kustomizations"),
    ("graph ks/app", "GET", "/kustomizations", "listing kustomizations"),
    ("history", "GET", "/kustomizations", "listing kustomizations"),
    ("history ks/app", "GET", "/kustomizations/app", "reading Kustomization \"flux-system/app\""),
    ("drift --all", "GET", "/kustomizations", "listing kustomizations"),
    ("drift ks/app", "GET", "/kustomizations/app", "reading Kustomization \"flux-system/app\""),
    ("rollback ks/app --push", "GET", "/kustomizations/app", "reading Kustomization \"flux-system/app\""),
    (
        "set version ks/app 1.27 --push",
        "GET",
        "/kustomizations/flux-system",
        "reading Kustomization \"flux-system/flux-system\"",
    ),
    (
        "promote --from=one --to=two --push",
        "GET",
        "/kustomizations/flux-system",
        "reading Kustomization \"flux-system/flux-system\"",
    ),
    (
        "build kustomization app --path=folder",
        "GET",
        "/kustomizations/app",
        "reading Kustomization \"flux-system/app\"",
    ),
    (
        "diff kustomization app --path=folder",
        "GET",
        "/kustomizations/app",
        "reading Kustomization \"flux-system/app\"",
    ),
    ("diff kustomization app --path=folder", "GET", "/configmaps/map", "reading ConfigMap/flux-system/map"),
    ("check --pre", "GET", "/version", "Kubernetes API call failed"),
    ("check", "GET", "/deployments", "listing Deployments"),
    ("version", "GET", "/deployments", "listing Deployments"),
    ("migrate", "GET", "/customresourcedefinitions", "failed to list CRDs"),
    ("install", "GET", "/customresourcedefinitions/", "looking for Flux in the cluster"),
    ("install", "PATCH", "/customresourcedefinitions/", "applying CustomResourceDefinition/"),
    ("uninstall --dry-run", "GET", "/gitrepositories", "listing gitrepositories"),
    (
        "uninstall --dry-run",
        "DELETE",
        "/namespaces/flux-system",
        "Namespace/flux-system deletion failed: the API server refused",
    ),
    (
        "bootstrap git --url=https://127.0.0.1:9/fleet --token-auth --silent",
        "GET",
        "/customresourcedefinitions/",
        "looking for Flux in the cluster",
    ),
    ("create tenant team --with-namespace=apps", "GET", "/namespaces/apps", "applying Namespace \"apps\""),
    (
        "create tenant team --with-namespace=flux-system --skip-namespace",
        "POST",
        "/serviceaccounts",
        "applying ServiceAccount \"flux-system/team\"",
    ),
    (
        "create source git new --url=https://git.example.com/new --branch=main --username=ada --password=x",
        "GET",
        "/secrets/new",
        "applying Secret \"flux-system/new\"",
    ),
];

/// What makes an object of each kind that can be made.
static CREATED: &[(&str, &str)] = &[
    ("Bucket", "source bucket new --bucket-name=b --endpoint=s3.example.com"),
    ("GitRepository", "source git new --url=https://git.example.com/new --branch=main"),
    ("HelmChart", "source chart new --source=Bucket/app --chart=web"),
    ("HelmRepository", "source helm new --url=https://charts.example.com"),
    ("OCIRepository", "source oci new --url=oci://ghcr.io/acme/app --tag=v1"),
    ("Kustomization", "kustomization new --source=GitRepository/app --path=. --prune"),
    ("HelmRelease", "helmrelease new --chart-ref=HelmChart/app"),
    ("Alert", "alert new --provider-ref=chat --event-source=Kustomization/*"),
    ("Provider", "alert-provider new --type=slack"),
    ("Receiver", "receiver new --type=github --secret-ref=token --resource=GitRepository/app"),
    ("ImageRepository", "image repository new --image=ghcr.io/acme/app"),
    ("ImagePolicy", "image policy new --image-ref=app --select-alpha=asc"),
    (
        "ImageUpdateAutomation",
        "image update new --git-repo-ref=app --checkout-branch=main --author-name=flux --author-email=flux@example.com",
    ),
];

/// What makes a Secret of each sort.
static SECRETS: &[&str] = &[
    "git new --url=https://git.example.com/new --username=ada --password=x",
    "githubapp new --app-id=1 --app-installation-owner=acme --app-private-key=key",
    "helm new --username=ada --password=x",
    "notation new --ca-cert-file=ca.crt --trust-policy-file=policy.json",
    "oci new --url=ghcr.io/acme --username=ada --password=x",
    "proxy new --address=https://proxy.example.com",
    "receiver new --type=github --hostname=flux.example.com",
    "tls new --ca-crt-file=ca.crt",
];

/// The forges, at a place where none is.
static FORGES: &[&str] = &["github", "gitlab", "gitea", "bitbucket-server"];

/// All the lines.
pub(super) fn lines() -> Vec<Line> {
    let line = |words: String, method, part: String, doing: String| Line { words, method, part, doing };
    let mut lines: Vec<Line> = OWN
        .iter()
        .map(|(words, method, part, doing)| {
            line((*words).to_owned(), *method, (*part).to_owned(), (*doing).to_owned())
        })
        .collect();
    lines.extend(of_kinds());
    lines.extend(CREATED.iter().map(|(kind, words)| {
        let plural = KINDS.iter().find(|known| known.kind == *kind).unwrap().plural;
        let doing = format!("applying {kind} \"flux-system/new\"");
        line(format!("create {words}"), "POST", format!("/{plural}"), doing)
    }));
    lines.extend(SECRETS.iter().map(|words| {
        let doing = "applying Secret \"flux-system/new\"".to_owned();
        line(format!("create secret {words}"), "POST", "/secrets".to_owned(), doing)
    }));
    lines.extend(FORGES.iter().map(|forge| {
        let words = format!(
            "bootstrap {forge} --hostname=127.0.0.1:9 --owner=ada --personal --repository=fleet --token-auth"
        );
        let doing = "looking for Flux in the cluster".to_owned();
        line(words, "GET", "/customresourcedefinitions/".to_owned(), doing)
    }));
    lines
}

/// What the verbs that are offered for many kinds ask for first.
fn of_kinds() -> Vec<Line> {
    let leaves = leaf_commands(&command_tree());
    let of = |kind: &'static Kind| {
        let (one, many) = (kind.noun.one.join(" "), kind.noun.many.join(" "));
        let all = |words: String| Line {
            words,
            method: "GET",
            part: format!("/{}", kind.plural),
            doing: format!("listing {}", kind.plural),
        };
        let app = |words: String| Line {
            words,
            method: "GET",
            part: format!("/{}/app", kind.plural),
            doing: format!("reading {} \"flux-system/app\"", kind.kind),
        };
        [
            (format!("get {many}"), all(format!("get {many}"))),
            (format!("export {one}"), app(format!("export {one} app"))),
            (format!("delete {one}"), app(format!("delete {one} app --silent"))),
            (format!("suspend {one}"), all(format!("suspend {one} --all"))),
            (format!("resume {one}"), all(format!("resume {one} --all"))),
            (format!("reconcile {one}"), app(format!("reconcile {one} app"))),
        ]
    };
    let all = KINDS.iter().copied().flat_map(of);
    all.filter(|(command, _)| leaves.contains(command)).map(|(_, line)| line).collect()
}

/// The commands that reach no cluster, and what they work on instead.
static ELSEWHERE: &[(&str, &str)] = &[
    ("build artifact", "files"),
    ("completion bash", "nothing"),
    ("completion fish", "nothing"),
    ("completion powershell", "nothing"),
    ("completion zsh", "nothing"),
    ("diff artifact", "a registry, whose faults are in `artifacts`"),
    ("envsubst", "standard input"),
    ("help", "nothing"),
    ("kustomize", "files and repositories, whose faults are in `kustomize_remote`"),
    ("list artifacts", "a registry"),
    ("plugin install", "the catalog, whose faults are in `plugins`"),
    ("plugin list", "files"),
    ("plugin search", "the catalog"),
    ("plugin uninstall", "files"),
    ("plugin update", "the catalog"),
    ("pull artifact", "a registry"),
    ("push artifact", "a registry"),
    ("tag artifact", "a registry"),
    ("trigger receiver", "the address of a Receiver, whose faults are in `trigger`"),
];

#[test]
fn every_command_that_reaches_a_cluster_meets_its_faults() {
    let root = command_tree();
    let leaves = leaf_commands(&root);
    let met: BTreeSet<String> = lines().iter().map(|line| command_of(&root, &line.words)).collect();
    let elsewhere: BTreeSet<String> = ELSEWHERE.iter().map(|(command, _)| (*command).to_owned()).collect();
    let without: Vec<_> = leaves.iter().filter(|leaf| !met.contains(*leaf)).collect();
    assert_eq!(without, elsewhere.iter().collect::<Vec<_>>(), "commands without a line");
}
