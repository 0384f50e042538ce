//! Folders of all sorts, built by both programs from a Kustomization in a file.

use super::judge;
use super::pair::Pair;
use std::fmt::Write;
use std::path::Path;

const DEPLOYMENT: &str = "apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  selector: {matchLabels: {a: b}}
  template:
    metadata: {labels: {a: b}}
    spec: {containers: [{name: web, image: web:0, env: [{name: X, value: \"${x}\"}]}]}
";

const SECRETS: &str = "apiVersion: v1
kind: Secret
metadata: {name: a}
data: {x: c29wczogRU5DW3g=, y: YQ==}
stringData: {z: \"sops ENC[\"}
---
apiVersion: v1
kind: Secret
metadata: {name: b}
type: kubernetes.io/dockerconfigjson
data: {x: YQ==}
stringData: {z: a}
sops: {mac: \"ENC[AES256_GCM,data:x]\", version: 3.8}
---
apiVersion: v1
kind: Secret
metadata: {name: c}
data: {x: YQ==}
stringData: {z: a}
sops: {mac: \"ENC[AES256_GCM,data:x]\"}
";

/// What the `spec` of a Kustomization has besides what it must have.
const SPECS: &[(&str, &str)] = &[
    ("least", ""),
    ("names", "targetNamespace: apps\nnamePrefix: p-\nnameSuffix: -s\n"),
    ("variables", "postBuild:\n  substitute: {x: \"1\", n: \"2\", t: \"true\", q: \"a: b\"}\n"),
    ("few", "postBuild:\n  substitute: {x: 1}\n"),
    ("none", "postBuild:\n  substitute: {}\n"),
    ("always", "postBuild:\n  substituteStrategy: Always\n"),
    ("misnamed", "postBuild:\n  substitute: {a-b: \"1\"}\n"),
    ("spoilt", "postBuild:\n  substitute: {n: \"{\", x: \"{\"}\n"),
    ("metadata", "commonMetadata:\n  labels: {a: b, team: dev}\n  annotations: {c: d}\n"),
    (
        "patches",
        "patches:\n- patch: |\n    - {op: add, path: /metadata/annotations, value: {p: q}}\n  target: {kind: ConfigMap}\n\
         - patch: |\n    {apiVersion: v1, kind: ConfigMap, metadata: {name: a}, data: {added: \"1\"}}\n",
    ),
    ("component", "components: [../part, ../none]\nignoreMissingComponents: true\n"),
    ("missing", "components: [../none]\n"),
    ("elsewhere", "components: [https://example.com/y]\n"),
    ("images", "images: [{name: web, newName: other}, {name: web, newTag: \"3\"}]\n"),
    ("origins", "buildMetadata: [originAnnotations]\n"),
];

/// Folders that are built with every `spec`; the others with some.
const EVERY: [&str; 3] = ["plain", "listed", "types"];
const FOLDERS: [&str; 15] = [
    "plain",
    "listed",
    "types",
    "bare",
    "values",
    "gone",
    "only-namespace",
    "mistyped",
    "list",
    "generated",
    "ignored",
    "secrets",
    "switched-off",
    "items",
    "deprecated",
];

fn config_map(name: &str, value: &str) -> String {
    format!("apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {name}\ndata:\n  a: \"{value}\"\n")
}

fn kustomization(name: &str, spec: &str) -> String {
    let mut text = format!(
        "apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata:\n  name: {name}\n  namespace: flux-system\n\
         spec:\n  interval: 1h\n  prune: true\n  sourceRef: {{kind: GitRepository, name: app}}\n"
    );
    for line in spec.lines() {
        writeln!(text, "  {line}").unwrap();
    }
    text
}

/// What the lines below are about.
pub(super) fn write_folders(home: &Path) {
    let many = format!(
        "{}  b: ${{n}}\n  c: ${{t}}\n  d: |\n    x ${{n}}\n    y\n  e: \"${{q}}\"\n  f: ${{none}}\n",
        config_map("a", "${n}")
    );
    let switched_off = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\n  labels: {kustomize.toolkit.fluxcd.io/substitute: disabled}\ndata: {a: \"${n}\"}\n";
    let items = "apiVersion: v1\nkind: List\nitems:\n- {apiVersion: v1, kind: ConfigMap, metadata: {name: a}}\n- {apiVersion: v1, kind: ConfigMap, metadata: {name: b, labels: null}}\n";
    let listed = "resources: [a.yaml, c.yaml, ../plain/sub/b.yml]\nimages: [{name: web, newTag: \"1\"}]\nlabels: [{pairs: {team: ops}}]\nunknown: 1\n";
    let component = "apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\nnamePrefix: c-\n";
    let mut files = vec![
        ("plain/a.yaml", config_map("a", "${x:-y}")),
        ("plain/sub/b.yml", config_map("b", "$${x}")),
        ("plain/notes.md", "x".to_owned()),
        ("plain/cloudbuild.yaml", config_map("cloud", "1")),
        ("bare/notes.md", "x".to_owned()),
        ("values/values.yaml", "replicas: 2\n".to_owned()),
        ("listed/kustomization.yaml", listed.to_owned()),
        ("listed/a.yaml", config_map("a", "1")),
        ("listed/c.yaml", DEPLOYMENT.to_owned()),
        (
            "deprecated/kustomization.yaml",
            "bases: [base]\ncommonLabels: {a: b}\npatchesStrategicMerge: [patch.yaml]\n\
             patchesJson6902: [{target: {version: v1, kind: ConfigMap, name: a}, patch: '[]'}]\n\
             vars: [{name: V, objref: {apiVersion: v1, kind: ConfigMap, name: a}}]\n"
                .to_owned(),
        ),
        ("deprecated/base/kustomization.yaml", "resources: [a.yaml]\ncommonLabels: {c: d}\n".to_owned()),
        ("deprecated/base/a.yaml", config_map("a", "1")),
        ("deprecated/patch.yaml", config_map("a", "2")),
        ("gone/kustomization.yaml", "resources: [none.yaml]\n".to_owned()),
        ("only-namespace/kustomization.yaml", "namespace: a\n".to_owned()),
        ("mistyped/kustomization.yaml", "resources: a\n".to_owned()),
        ("list/kustomization.yaml", "- a\n".to_owned()),
        ("generated/kustomization.yaml", "configMapGenerator: [{name: a, literals: [a=b]}]\n".to_owned()),
        ("part/kustomization.yaml", component.to_owned()),
        ("ignored/a.yaml", config_map("a", "1")),
        ("ignored/b.yaml", config_map("b", "1")),
        ("ignored/.sourceignore", "/b.yaml\n".to_owned()),
        ("ignored/sub/c.yaml", config_map("c", "1")),
        ("ignored/sub/d.yaml", config_map("d", "1")),
        ("ignored/sub/.sourceignore", "c.yaml\n".to_owned()),
        ("secrets/a.yaml", SECRETS.to_owned()),
        ("types/a.yaml", many),
        ("switched-off/a.yaml", switched_off.to_owned()),
        ("items/a.yaml", items.to_owned()),
        ("nested/a.yaml", config_map("a", "1")),
        ("nested/k.yaml", kustomization("sub", "path: ./plain\n")),
        ("folder/a.yaml", config_map("a", "1")),
        ("apps.yaml", kustomization("apps", "")),
        (
            "several.yaml",
            format!("{}---\n{}", kustomization("other", ""), kustomization("apps", "namePrefix: m-\n")),
        ),
        ("typo.yaml", kustomization("apps", "wait: 5\n")),
    ];
    let specs: Vec<(String, String)> = SPECS
        .iter()
        .map(|(name, spec)| (format!("specs/{name}.yaml"), kustomization("apps", spec)))
        .collect();
    files.extend(specs.iter().map(|(path, text)| (path.as_str(), text.clone())));
    for (path, text) in files {
        let place = home.join(path);
        std::fs::create_dir_all(place.parent().unwrap()).unwrap();
        std::fs::write(place, text).unwrap();
    }
}

fn lines() -> Vec<String> {
    let mut lines = Vec::new();
    for folder in FOLDERS {
        for (spec, _) in SPECS {
            if EVERY.contains(&folder) || ["least", "variables", "metadata", "names"].contains(spec) {
                lines.push(format!("build kustomization apps --path={folder} --kustomization-file=specs/{spec}.yaml --dry-run"));
            }
        }
    }
    let of = |folder: &str, more: &str| format!("build ks apps --path={folder} --dry-run {more}");
    for folder in ["types", "listed"] {
        lines.push(of(folder, "--kustomization-file=specs/few.yaml --strict-substitute"));
    }
    for file in ["several", "broken", "typo", "empty"] {
        lines.push(of("plain", &format!("--kustomization-file={file}.yaml")));
    }
    for more in [
        "--ignore-paths=a.yaml,sub/",
        "--ignore-paths='!cloudbuild.yaml'",
        "--ignore-paths='*.yaml'",
        "--in-memory-build",
    ] {
        lines.extend(
            ["plain", "listed", "ignored"]
                .map(|folder| of(folder, &format!("--kustomization-file=apps.yaml {more}"))),
        );
    }
    for sources in [
        "",
        "--local-sources=GitRepository/flux-system/app=.",
        "--local-sources=GitRepository/flux-system/app=none",
    ] {
        lines.push(of("nested", &format!("--kustomization-file=apps.yaml --recursive {sources}")));
    }
    for text in ["'${TZ} ${none:-a}'", "'${a.b}'", "'${TZ%C} $${x} $x'", "'${#TZ}${TZ,,}${TZ/U/u}'"] {
        lines.push(format!("echo {text} | envsubst"));
        lines.push(format!("echo {text} | envsubst --strict"));
    }
    lines
}

#[test]
#[ignore = "needs the testbed"]
fn folders_are_built_alike() {
    let home = tempfile::tempdir().unwrap();
    write_folders(home.path());
    std::fs::write(home.path().join("broken.yaml"), "a: [\n").unwrap();
    std::fs::write(home.path().join("empty.yaml"), "").unwrap();
    let pair = Pair::new(home.path(), None);
    // One after the other: while the Flux CLI builds a folder, its kustomization is another one.
    let answers: Vec<_> = lines().iter().map(|line| pair.ask(line)).collect();
    judge(&answers);
}
