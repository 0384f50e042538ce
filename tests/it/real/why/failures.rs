//! The failures, one row each: what is applied, what is asked, and what must be answered.

use super::folders;
use super::objects::account;
use super::objects::definition;
use super::objects::git;
use super::objects::kustomization;
use super::objects::object;
use super::objects::release;
use super::objects::repository;
use super::objects::secret;
use super::objects::with;
use super::stage::Stage;
use serde_json::Value;
use serde_json::json;

pub(super) struct Failure {
    pub(super) title: &'static str,
    /// `kind/name` in the namespace `stage`.
    pub(super) ask: &'static str,
    pub(super) objects: Vec<Value>,
    pub(super) code: &'static str,
    /// Where the cause is: the beginning of `Kind/namespace/name`.
    pub(super) at: &'static str,
    /// Part of the sentence.
    pub(super) says: &'static str,
    /// Part of the next command.
    pub(super) next: &'static str,
}

pub(super) fn failures(stage: &Stage) -> Vec<Failure> {
    let mut all = of_sources(stage);
    all.extend(of_builds(stage));
    all.extend(of_workloads());
    all.extend(of_releases(stage));
    all.extend(of_relations());
    all
}

fn of_sources(stage: &Stage) -> Vec<Failure> {
    let url = stage.forge.public_url("ada/fleet");
    let from =
        |source: &str| json!({"path": "./plain", "sourceRef": {"kind": "GitRepository", "name": source}});
    let private = format!("https://{}/ada/private", stage.forge.host());
    let ssh = format!("ssh://git@{}/ada/private", stage.forge.ssh_host());
    let authority = std::fs::read_to_string(stage.forge.ca_file()).unwrap();
    let (key, public) = stage.key("deploy");
    stage.forge.add_deploy_key("ada/private", "flux", &public, true);
    let (_, wrong) = stage.key("somebody-else");
    let host = stage.forge.ssh_host().replace("127.0.0.1:", "[127.0.0.1]:");
    let known_hosts = format!("{host} {}\n", wrong.trim().rsplit_once(' ').unwrap().0);
    let login = json!({"username": "ada", "password": "not-the-token", "ca.crt": authority});
    let suspended = json!({"interval": "10m", "url": url, "suspend": true});
    vec![
        Failure {
            title: "a branch that is not there",
            ask: "ks/branch",
            objects: vec![
                git("branch", &url, json!({"ref": {"branch": "nope"}})),
                kustomization("branch", from("branch")),
            ],
            code: "ReferenceNotFound",
            at: "GitRepository/stage/branch",
            says: "has no branch \"nope\"",
            next: "git ls-remote",
        },
        Failure {
            title: "credentials that are refused",
            ask: "kustomization/password",
            objects: vec![
                secret("password", login),
                git("password", &private, json!({"secretRef": {"name": "password"}})),
                kustomization("password", from("password")),
            ],
            code: "AuthenticationFailed",
            at: "GitRepository/stage/password",
            says: "ada/private refuses the credentials in the Secret \"password\"",
            next: "export source git password -n stage",
        },
        Failure {
            title: "a certificate of an unknown authority",
            ask: "GitRepository/certificate",
            objects: vec![git("certificate", &private, json!({}))],
            code: "CertificateNotTrusted",
            at: "GitRepository/stage/certificate",
            says: "is not trusted",
            next: "export source git certificate -n stage",
        },
        Failure {
            title: "a Secret that is not there",
            ask: "gitrepo/login",
            objects: vec![git("login", &private, json!({"secretRef": {"name": "nobody-made-it"}}))],
            code: "SecretMissing",
            at: "GitRepository/stage/login",
            says: "needs Secret/stage/nobody-made-it, which does not exist",
            next: "fluxr create secret git nobody-made-it -n stage --url=https://",
        },
        Failure {
            title: "a host with another key",
            ask: "gitrepo/host",
            objects: vec![
                secret("host", json!({"identity": key, "known_hosts": known_hosts})),
                git("host", &ssh, json!({"secretRef": {"name": "host"}})),
            ],
            code: "HostKeyMismatch",
            at: "GitRepository/stage/host",
            says: "is not among the known_hosts in the Secret \"host\"",
            next: "create secret git host -n stage",
        },
        Failure {
            title: "a repository that is not there",
            ask: "gitrepo/gone",
            objects: vec![git("gone", &stage.forge.public_url("ada/gone"), json!({}))],
            // The forge does not tell strangers what is there, as others do.
            code: "AuthenticationFailed",
            at: "GitRepository/stage/gone",
            says: "ada/gone refuses access without credentials, or does not exist",
            next: "export source git gone -n stage",
        },
        Failure {
            title: "a source that does not exist",
            ask: "ks/sourceless",
            objects: vec![kustomization("sourceless", from("nobody"))],
            code: "SourceMissing",
            at: "Kustomization/stage/sourceless",
            says: "GitRepository/stage/nobody, which does not exist",
            next: "fluxr get sources git -n stage",
        },
        Failure {
            title: "a source that is suspended",
            ask: "ks/resting-source",
            objects: vec![
                object("source.toolkit.fluxcd.io/v1", "GitRepository", "resting", suspended),
                kustomization("resting-source", from("resting")),
            ],
            code: "Suspended",
            at: "GitRepository/stage/resting",
            says: "GitRepository/stage/resting is suspended",
            next: "fluxr resume source git resting -n stage",
        },
    ]
}

fn of_builds(stage: &Stage) -> Vec<Failure> {
    let row = |title, name: &'static str, code, says, next| Failure {
        title,
        ask: name,
        objects: vec![kustomization(name.trim_start_matches("ks/"), json!({}))],
        code,
        at: "Kustomization/stage/",
        says,
        next,
    };
    let mut rows = vec![
        row(
            "a folder that is not there",
            "ks/missing-path",
            "PathNotFound",
            "GitRepository/stage/fleet has no folder \"./missing-path\"",
            "export kustomization missing-path -n stage",
        ),
        row(
            "invalid YAML",
            "ks/broken-yaml",
            "BuildFailed",
            "the folder \"./broken-yaml\"",
            "kustomization broken-yaml",
        ),
        row(
            "a variable that does not end",
            "ks/variables",
            "SubstitutionFailed",
            "cannot be substituted",
            "export kustomization variables",
        ),
        row(
            "a definition that is not there",
            "ks/missing-kind",
            "KindMissing",
            "does not know the kind Widget",
            "kubectl get crds",
        ),
        row(
            "a value that cannot be",
            "ks/replicas",
            "InvalidManifest",
            "spec.replicas",
            "export kustomization replicas",
        ),
        row(
            "a field that cannot change",
            "ks/immutable",
            "ImmutableField",
            "field is immutable",
            "kubectl get -n stage Deployment/immutable -o yaml",
        ),
        row(
            "a namespace that is not there",
            "ks/missing-namespace",
            "NamespaceMissing",
            "the namespace \"nowhere\"",
            "kubectl create namespace nowhere",
        ),
    ];
    // Variables are substituted only where some are given; the namespace of a manifest stays only where none is set.
    rows[2].objects[0]["spec"]["postBuild"] = json!({"substitute": {"OTHER": "value"}});
    rows[6].objects[0]["spec"].as_object_mut().unwrap().remove("targetNamespace");
    let fleet = git("fleet", &stage.forge.public_url("ada/fleet"), json!({}));
    rows[0].objects.splice(0..0, [fleet, kustomization("well", json!({}))]);
    rows
}

fn of_workloads() -> Vec<Failure> {
    let quota = json!({"apiVersion": "v1", "kind": "ResourceQuota", "metadata": {"name": "small", "namespace": "tight"},
        "spec": {"hard": {"pods": "0"}}});
    let mut tight = kustomization("quota", json!({}));
    tight["spec"].as_object_mut().unwrap().remove("targetNamespace");
    vec![
        Failure {
            title: "a custom resource that is not ready",
            ask: "ks/certificate",
            objects: vec![definition(), kustomization("certificate", json!({}))],
            code: "ResourceNotReady",
            at: "Certificate/stage/web",
            says: "is not ready: there is no issuer letters",
            next: "kubectl -n stage describe certificate.pki.example.com web",
        },
        Failure {
            title: "an image that cannot be pulled",
            ask: "ks/image",
            objects: vec![kustomization("image", json!({}))],
            code: "ImagePullFailed",
            at: "Pod/stage/image-",
            says: "registry.example/image:1.0.0",
            next: "kubectl -n stage describe Pod image-",
        },
        Failure {
            title: "a quota that is used up",
            ask: "ks/quota",
            objects: vec![quota, tight],
            code: "QuotaExceeded",
            at: "Deployment/tight/quota",
            says: "exceeded quota: small",
            next: "kubectl -n tight describe resourcequota",
        },
        Failure {
            title: "a pod that no node takes",
            ask: "ks/nodes",
            objects: vec![kustomization("nodes", json!({}))],
            code: "Unschedulable",
            at: "Pod/stage/nodes-",
            says: "cannot be scheduled",
            next: "kubectl -n stage describe Pod nodes-",
        },
    ]
}

fn of_releases(stage: &Stage) -> Vec<Failure> {
    let chart = |further: Value| json!({"chart": {"spec": further}});
    let image = json!({"values": {"labels": folders::image_label()}, "timeout": "5s"});
    vec![
        Failure {
            title: "a chart version that is not there",
            ask: "hr/version",
            objects: vec![
                repository("charts", &stage.charts),
                release("well", json!({})),
                release("version", chart(json!({"version": "9.9.9"}))),
            ],
            code: "ChartVersionNotFound",
            at: "HelmChart/stage/stage-version",
            says: "HelmRepository/stage/charts has no version \"9.9.9\" of the chart \"web\"",
            next: "source chart stage-version",
        },
        Failure {
            title: "a chart that is not there",
            ask: "hr/chart",
            objects: vec![release("chart", chart(json!({"chart": "nope"})))],
            code: "ChartNotFound",
            at: "HelmChart/stage/stage-chart",
            says: "has no chart \"nope\"",
            next: "source chart stage-chart",
        },
        Failure {
            title: "a chart repository that does not answer",
            ask: "helmrelease/unreachable",
            objects: vec![
                repository("unreachable", "http://127.0.0.1:1"),
                release("unreachable", chart(json!({"sourceRef": {"name": "unreachable"}}))),
            ],
            code: "Unreachable",
            at: "HelmRepository/stage/unreachable",
            says: "http://127.0.0.1:1 cannot be reached",
            next: "export source helm unreachable -n stage",
        },
        Failure {
            title: "values that are not there",
            ask: "hr/values",
            objects: vec![release(
                "values",
                json!({"valuesFrom": [{"kind": "ConfigMap", "name": "values"}]}),
            )],
            code: "ConfigMapMissing",
            at: "HelmRelease/stage/values",
            says: "needs ConfigMap/stage/values, which does not exist",
            next: "kubectl -n stage create configmap values",
        },
        Failure {
            title: "values that the chart refuses",
            ask: "hr/schema",
            objects: vec![release("schema", json!({"values": {"labels": 1}}))],
            code: "InvalidValues",
            at: "HelmRelease/stage/schema",
            says: "the chart \"web\" refuses the values",
            next: "export helmrelease schema -n stage",
        },
        Failure {
            title: "a release whose image cannot be pulled",
            ask: "hr/pull",
            objects: vec![release("pull", image)],
            code: "ImagePullFailed",
            at: "Pod/stage/pull-chart-",
            says: "registry.example/web:1.0.0",
            next: "kubectl -n stage describe Pod pull-chart-",
        },
    ]
}

fn of_relations() -> Vec<Failure> {
    let plain = |further: Value| with(json!({"path": "./plain"}), &further);
    let after = |name: &str| json!({"path": "./plain", "dependsOn": [{"name": name}]});
    let mut resting = kustomization("resting", plain(json!({"suspend": true})));
    resting["metadata"]["annotations"] =
        json!({"fluxr.dev/suspended-by": "ada", "fluxr.dev/suspended-reason": "a change freeze"});
    vec![
        Failure {
            title: "a dependency that fails",
            ask: "ks/after-failure",
            objects: vec![kustomization("after-failure", after("missing-path"))],
            code: "PathNotFound",
            at: "Kustomization/stage/missing-path",
            says: "has no folder \"./missing-path\"",
            next: "export kustomization missing-path",
        },
        Failure {
            title: "a dependency that does not exist",
            ask: "ks/after-nobody",
            objects: vec![kustomization("after-nobody", after("nobody"))],
            code: "DependencyMissing",
            at: "Kustomization/stage/after-nobody",
            says: "depends on Kustomization/stage/nobody, which does not exist",
            next: "fluxr get kustomizations -n stage",
        },
        Failure {
            title: "two that wait for each other",
            ask: "ks/hen",
            objects: vec![kustomization("hen", after("egg")), kustomization("egg", after("hen"))],
            code: "DependencyCycle",
            at: "Kustomization/stage/hen",
            says: "Kustomization/stage/hen → Kustomization/stage/egg → Kustomization/stage/hen",
            next: "export kustomization hen",
        },
        Failure {
            title: "an identity without rights",
            ask: "ks/powerless",
            objects: vec![
                account("powerless"),
                kustomization("powerless", plain(json!({"serviceAccountName": "powerless"}))),
            ],
            code: "RightsMissing",
            at: "Kustomization/stage/powerless",
            says: "system:serviceaccount:stage:powerless",
            next: "kubectl auth can-i --list --as=system:serviceaccount:stage:powerless",
        },
        Failure {
            title: "an identity that is not there",
            ask: "ks/nobody-applies",
            objects: vec![kustomization("nobody-applies", plain(json!({"serviceAccountName": "deployer"})))],
            code: "ServiceAccountMissing",
            at: "Kustomization/stage/nobody-applies",
            says: "needs ServiceAccount/stage/deployer, which does not exist",
            next: "kubectl -n stage create serviceaccount deployer",
        },
        Failure {
            title: "an object that is suspended, with a reason",
            ask: "ks/resting",
            objects: vec![resting],
            code: "Suspended",
            at: "Kustomization/stage/resting",
            says: "is suspended by ada: a change freeze",
            next: "fluxr resume kustomization resting -n stage",
        },
    ]
}
