//! What `create` makes of its flags for each of Flux's kinds, without a cluster.

use crate::support::Cli;
use fluxr::testing::kind::KINDS;
use serde_json::Value;
use serde_json::json;

/// A line for every kind with all its flags.
pub(crate) const FULL: [&str; 12] = [
    "source bucket app --bucket-name=b --endpoint=s3.example.com --region=eu --provider=aws --secret-ref=login \
     --proxy-secret-ref=proxy --insecure --ignore-paths=a,b --fetch-timeout=1m --label=a=b",
    "source helm app --url=oci://h/r --secret-ref=login --pass-credentials --oci-provider=aws --fetch-timeout=1m",
    "source chart app --source=HelmRepository/app --chart=web --chart-version=1.x --verify-provider=cosign \
     --verify-secret-ref=keys --verify-issuer=i --verify-subject=s",
    "source oci app --url=oci://h/r --tag=a --tag-semver=1.x --digest=sha256:1 --layer-selector=a/b:copy --provider=gcp \
     --secret-ref=login --service-account=app --cert-ref=tls --proxy-secret-ref=proxy --insecure --verify-provider=cosign \
     --verify-secret-ref=keys --verify-issuer=i --verify-subject=s --ignore-paths=a,b",
    "helmrelease app --source=HelmRepository/app.charts --chart=web --chart-version=1.x --chart-interval=5m \
     --reconcile-strategy=Revision --release-name=web --target-namespace=web --create-target-namespace \
     --storage-namespace=store --depends-on=a,b/c --crds=CreateReplace --service-account=app --kubeconfig-secret-ref=remote \
     --values-from=secret/a,ConfigMap/b",
    "helmrelease app --chart-ref=OCIRepository/app.charts",
    "alert app --provider-ref=chat --event-source=Kustomization/*,HelmRelease/web.apps --event-severity=error",
    "alert-provider app --type=slack --channel=general --username=flux --address=https://h/hook --secret-ref=login",
    "receiver app --type=github --event=ping,push --secret-ref=token --resource=GitRepository/app",
    "image repository app --image=ghcr.io/acme/app --scan-timeout=1m --secret-ref=login --cert-ref=tls",
    "image policy app --image-ref=app --select-numeric=asc --filter-regex=^v(?P<n>[0-9]+)$ --filter-extract=$n \
     --reflect-digest=Always --interval=10m",
    "image update app --git-repo-ref=app --git-repo-namespace=other --git-repo-path=./a --checkout-branch=main \
     --push-branch=images --commit-template={{.}} --author-name=ada --author-email=ada@example.com \
     --signing-key-secret=key --signing-key-type=ssh",
];

/// The words of a line behind `create`.
pub(crate) fn words(line: &str) -> Vec<&str> {
    std::iter::once("create").chain(line.split_whitespace()).collect()
}

/// The object that a line exports.
#[track_caller]
fn exported(line: &str) -> Value {
    let seen = Cli::new().run(&[&words(line)[..], &["--export"]].concat());
    fluxr::testing::text::yaml::documents(seen.succeeded(), "stdout").unwrap().remove(0)
}

#[track_caller]
fn refused(line: &str, said: &str) {
    let seen = Cli::new().run(&[&words(line)[..], &["--export"]].concat());
    assert_eq!((seen.failed(), seen.out.as_str()), (format!("✗ {said}\n").as_str(), ""), "{line}");
}

/// Fails where a value does not fit a schema of a definition.
fn check(schema: &Value, value: &Value, path: &str) {
    let known = schema["properties"].as_object();
    if let (Value::Object(fields), Some(known)) = (value, known) {
        for name in schema["required"].as_array().into_iter().flatten() {
            assert!(fields.contains_key(name.as_str().unwrap()), "{path}: {name} is missing");
        }
        for (name, value) in fields {
            let schema = known.get(name).unwrap_or_else(|| panic!("{path}/{name} is not a field"));
            check(schema, value, &format!("{path}/{name}"));
        }
    }
    for (at, item) in value.as_array().into_iter().flatten().enumerate() {
        check(&schema["items"], item, &format!("{path}/{at}"));
    }
    if let Some(words) = schema["enum"].as_array() {
        assert!(words.contains(value), "{path}: {value}");
    }
}

#[test]
fn what_is_exported_fits_the_definition_of_its_kind() {
    for line in FULL {
        let object = exported(line);
        let kind = KINDS.iter().find(|kind| object["kind"] == kind.kind).unwrap();
        let definition = fluxr::testing::kind::definition(kind);
        let schema = &definition["spec"]["versions"][0]["schema"]["openAPIV3Schema"]["properties"]["spec"];
        check(schema, &object["spec"], kind.kind);
    }
}

#[test]
fn every_flag_becomes_the_field_that_flux_makes_of_it() {
    let source = json!({"kind": "HelmRepository", "name": "app", "namespace": "charts"});
    let identity = json!([{"issuer": "i", "subject": "s"}]);
    let verify = json!({"provider": "cosign", "secretRef": {"name": "keys"}, "matchOIDCIdentity": identity});
    for (line, spec) in FULL.iter().zip([
        json!({"bucketName": "b", "endpoint": "s3.example.com", "region": "eu", "provider": "aws", "insecure": true,
            "interval": "1m0s", "timeout": "1m0s", "ignore": "a\nb", "secretRef": {"name": "login"}, "proxySecretRef": {"name": "proxy"}}),
        json!({"url": "oci://h/r", "type": "oci", "provider": "aws", "interval": "1m0s", "timeout": "1m0s",
            "passCredentials": true, "secretRef": {"name": "login"}}),
        json!({"chart": "web", "version": "1.x", "interval": "1m0s", "reconcileStrategy": "ChartVersion",
            "sourceRef": {"kind": "HelmRepository", "name": "app"}, "verify": verify}),
        json!({"url": "oci://h/r", "provider": "gcp", "interval": "1m0s", "insecure": true, "ignore": "a\nb",
            "ref": {"tag": "a", "semver": "1.x", "digest": "sha256:1"}, "serviceAccountName": "app",
            "layerSelector": {"mediaType": "a/b", "operation": "copy"}, "secretRef": {"name": "login"},
            "certSecretRef": {"name": "tls"}, "proxySecretRef": {"name": "proxy"}, "verify": verify}),
        json!({"interval": "1m0s", "releaseName": "web", "targetNamespace": "web", "storageNamespace": "store",
            "chart": {"spec": {"chart": "web", "version": "1.x", "interval": "5m0s", "reconcileStrategy": "Revision", "sourceRef": source}},
            "install": {"createNamespace": true, "crds": "Create"}, "upgrade": {"crds": "CreateReplace"},
            "dependsOn": [{"name": "a"}, {"name": "c", "namespace": "b"}], "serviceAccountName": "app",
            "kubeConfig": {"secretRef": {"name": "remote"}},
            "valuesFrom": [{"kind": "Secret", "name": "a"}, {"kind": "ConfigMap", "name": "b"}]}),
        json!({"interval": "1m0s", "chartRef": {"kind": "OCIRepository", "name": "app", "namespace": "charts"}}),
        json!({"providerRef": {"name": "chat"}, "eventSeverity": "error", "eventSources": [
            {"kind": "Kustomization", "name": "*"}, {"kind": "HelmRelease", "name": "web", "namespace": "apps"}]}),
        json!({"type": "slack", "channel": "general", "username": "flux", "address": "https://h/hook", "secretRef": {"name": "login"}}),
        json!({"type": "github", "events": ["ping", "push"], "secretRef": {"name": "token"},
            "resources": [{"kind": "GitRepository", "name": "app"}]}),
        json!({"image": "ghcr.io/acme/app", "interval": "1m0s", "timeout": "1m0s", "secretRef": {"name": "login"},
            "certSecretRef": {"name": "tls"}}),
        json!({"imageRepositoryRef": {"name": "app"}, "policy": {"numerical": {"order": "asc"}}, "interval": "10m0s",
            "filterTags": {"pattern": "^v(?P<n>[0-9]+)$", "extract": "$n"}, "digestReflectionPolicy": "Always"}),
        json!({"interval": "1m0s", "sourceRef": {"kind": "GitRepository", "name": "app", "namespace": "other"},
            "update": {"path": "./a", "strategy": "Setters"},
            "git": {"checkout": {"ref": {"branch": "main"}}, "push": {"branch": "images"}, "commit": {
                "author": {"name": "ada", "email": "ada@example.com"}, "messageTemplate": "{{.}}",
                "signingKey": {"secretRef": {"name": "key"}, "type": "ssh"}}}}),
    ]) {
        assert_eq!(exported(line)["spec"], spec, "{line}");
    }
}

#[test]
fn a_word_that_only_the_api_server_judges_is_written_as_it_is() {
    for (line, pointer, word) in [
        ("alert app --provider-ref=a --event-source=Pod/a", "/spec/eventSources/0/kind", "Pod"),
        (
            "alert app --provider-ref=a --event-source=Pod/a --event-severity=loud",
            "/spec/eventSeverity",
            "loud",
        ),
        ("alert-provider app --type=pigeon", "/spec/type", "pigeon"),
        ("receiver app --type=gcr --secret-ref=a --resource=Pod/a", "/spec/resources/0/kind", "Pod"),
        ("source helm app --url=oci://h/r --oci-provider=acme", "/spec/provider", "acme"),
        (
            "source chart app --source=Bucket/a --chart=b --reconcile-strategy=Never",
            "/spec/reconcileStrategy",
            "Never",
        ),
    ] {
        assert_eq!(exported(line).pointer(pointer), Some(&json!(word)), "{line}");
    }
    let release = exported("helmrelease app --chart=a");
    assert_eq!(release["spec"]["chart"]["spec"]["sourceRef"], json!({"name": ""}));
}

#[test]
fn what_is_wrong_with_a_source_is_refused_in_the_words_of_the_flux_cli() {
    for (line, said) in [
        ("source bucket app", "bucket-name is required"),
        ("source bucket app --bucket-name=b", "endpoint is required"),
        ("source helm app", "url is required"),
        ("source helm app --url=h", "url scheme '' not supported, can be: http, https and oci"),
        ("source helm app --url=https:///h", "url host is required"),
        (
            "source helm app --url=https://h/%zz",
            "url parse failed: parse \"https://h/%zz\": invalid URL escape \"%zz\"",
        ),
        ("source oci app", "url is required"),
        ("source oci app --url=oci://h/r", "--tag, --tag-semver or --digest is required"),
        (
            "source oci app --url=oci://h/r --tag=a --layer-selector=a:b",
            "invalid --layer-selector \"a:b\": operation must be \"extract\" or \"copy\"",
        ),
        (
            "source oci app --url=oci://h/r --tag=a --verify-subject=a",
            "a verification provider must be specified when OIDC issuer/subject is specified",
        ),
        ("source chart app", "chart source is required"),
        ("source chart app --source=Bucket/a", "chart name or path is required"),
    ] {
        refused(line, said);
    }
    let seen =
        Cli::new().run(&words("source chart app --source=Bucket/a --chart=b --verify-subject=c --export"));
    let said = "✚ generating HelmChart source\n✗ a verification provider must be specified when OIDC issuer/subject is specified\n";
    assert_eq!(seen.failed(), said);
}

#[test]
fn what_is_wrong_with_a_release_or_an_alert_is_refused_in_the_words_of_the_flux_cli() {
    for (line, said) in [
        ("helmrelease app", "chart or chart-ref is required"),
        ("helmrelease app --chart=a --chart-ref=b", "cannot use --chart in combination with --chart-ref"),
        (
            "helmrelease app --chart=a --reconcile-strategy=b",
            "'b' is an invalid reconcile strategy(valid: Revision, ChartVersion)",
        ),
        (
            "helmrelease app --chart-ref=helmchart/a",
            "chart reference kind 'helmchart' is not supported, must be one of: OCIRepository, HelmChart",
        ),
        (
            "helmrelease app --chart=a --values=none",
            "reading values from none failed: open none: no such file or directory",
        ),
        (
            "helmrelease app --chart=a --values-from=Pod/a",
            "reference kind 'Pod' is not supported, must be one of: Secret, ConfigMap",
        ),
        ("alert app", "provider ref is required"),
        ("alert app --provider-ref=a", "at least one event source is required"),
        (
            "alert app --provider-ref=a --event-source=b",
            "invalid event source 'b', must be in format <kind>/<name>",
        ),
        ("alert-provider app", "Provider type is required"),
        ("receiver app", "Receiver type is required"),
        ("receiver app --type=gcr", "secret ref is required"),
        ("receiver app --type=gcr --secret-ref=a", "atleast one resource is required"),
    ] {
        refused(line, said);
    }
}

#[test]
fn what_is_wrong_with_an_image_or_a_tenant_is_refused_in_the_words_of_the_flux_cli() {
    let letters = "abcdefghijklmnopqrstuvwxyz0123456789_-./";
    for (line, said) in [
        ("image repository app", "an image repository (--image) is required"),
        (
            "image repository app --image=h.io/a/b:v1",
            &format!(
                "unable to parse image value: repository can only contain the characters `{letters}`: a/b:v1"
            ),
        ),
        ("image policy app", "the name of an ImageRepository in the namespace is required (--image-ref)"),
        (
            "image policy app --image-ref=a",
            "a policy must be provided with either --select-semver or --select-alpha",
        ),
        (
            "image policy app --image-ref=a --select-alpha=up",
            "--select-alpha must be one of [\"asc\", \"desc\"]",
        ),
        (
            "image policy app --image-ref=a --select-alpha=asc --select-semver=1.x",
            "only one of --select-semver, --select-alpha or --select-numeric can be specified",
        ),
        (
            "image policy app --image-ref=a --select-alpha=asc --filter-regex=(",
            "--filter-regex is an invalid regex pattern",
        ),
        (
            "image policy app --image-ref=a --select-alpha=asc --filter-regex=a --filter-extract=$n",
            "capture group $n used in --filter-extract not found in --filter-regex",
        ),
        (
            "image policy app --image-ref=a --select-alpha=asc --filter-regex=a --filter-extract=$",
            "--filter-extract is malformed",
        ),
        ("image update app", "a reference to a GitRepository is required (--git-repo-ref)"),
        (
            "image update app --git-repo-ref=a --checkout-branch=b --author-name=c --author-email=d --signing-key-type=gpg",
            "--signing-key-type requires --signing-key-secret",
        ),
        ("tenant team", "with-namespace is required"),
        ("tenant team --with-namespace=a --cluster-role=", "cluster-role is required"),
    ] {
        refused(line, said);
    }
}

#[test]
fn values_of_files_are_merged_and_keep_what_is_null() {
    let cli = Cli::new();
    for (name, content) in [
        ("one.yaml", "a: {b: 1, c: null}\nlist: [1, 2]\n"),
        ("two.yaml", "a: {b: 2.50}\nlist: [yes]\n---\nanother: document\n"),
        ("list.yaml", "- a\n"),
        ("broken.yaml", "a: b: c\n"),
    ] {
        std::fs::write(cli.home().join(name), content).unwrap();
    }
    let line = |values: &str| {
        let values: Vec<String> =
            values.split(',').map(|name| cli.home().join(name).display().to_string()).collect();
        let flag = format!("--values={}", values.join(","));
        cli.run(&["create", "hr", "app", "--chart-ref=HelmChart/a", "--export", &flag])
    };
    let seen = line("one.yaml,two.yaml");
    assert!(
        seen.succeeded().ends_with("  values:\n    a:\n      b: 2.5\n      c: null\n    list:\n    - true\n"),
        "{seen:?}"
    );
    let seen = line("list.yaml");
    assert!(
        seen.failed()
            .ends_with("json: cannot unmarshal array into Go value of type map[string]interface {}\n")
    );
    let seen = line("broken.yaml");
    assert!(
        seen.failed().ends_with("failed: yaml: mapping values are not allowed in this context\n"),
        "{seen:?}"
    );
}
