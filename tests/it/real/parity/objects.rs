//! What the lines about `create` for Flux's objects are made of; the table itself is in `lines`.

use std::path::Path;

/// What a command needs to do its work; longer paths come first.
pub(super) const GOOD: &[(&str, &str)] = &[
    ("create source bucket", "app --bucket-name=app --endpoint=s3.example.com --export"),
    ("create source chart", "app --source=HelmRepository/app --chart=web --export"),
    ("create source helm", "app --url=https://charts.example.com --export"),
    ("create source oci", "app --url=oci://ghcr.io/acme/app --tag=latest --export"),
    ("create helmrelease", "app --source=HelmRepository/app --chart=web --export"),
    ("create alert-provider", "app --type=slack --export"),
    ("create alert", "app --provider-ref=chat --event-source=Kustomization/* --export"),
    ("create receiver", "app --type=github --secret-ref=token --resource=GitRepository/app --export"),
    ("create image repository", "app --image=ghcr.io/acme/app --export"),
    ("create image policy", "app --image-ref=app --select-alpha=asc --filter-regex=^v(?P<n>.*) --export"),
    (
        "create image update",
        "app --git-repo-ref=app --checkout-branch=main --author-name=ada --author-email=ada@example.com --export",
    ),
    ("create tenant", "team --with-namespace=team-apps --export"),
];

/// Another value for a flag of one of these commands.
pub(super) fn other_value(path: &str, name: &str) -> Option<&'static str> {
    GOOD.iter().find(|(of, _)| *of == path)?;
    Some(match (path, name) {
        (_, "chart-ref") => "OCIRepository/web.charts",
        ("create source chart" | "create helmrelease", "source") => "GitRepository/charts",
        ("create source chart" | "create helmrelease", "reconcile-strategy") => "Revision",
        ("create receiver", "type") => "generic-hmac",
        ("create source oci", "url") => "oci://registry.example.com/other",
        (_, "event-source" | "resource") => "HelmRelease/web.apps,Bucket/x",
        (_, "filter-extract") => "$n",
        (_, "filter-regex") => "^v[0-9]+$",
        (_, "image") => "registry.example.com:5000/acme/other",
        (_, "layer-selector") => "application/vnd.acme.v1+tar:copy",
        (_, "reflect-digest") => "Always",
        (_, "select-numeric" | "select-alpha") => "desc",
        (_, "select-semver") => ">=1.0.0 <2.0.0",
        (_, "signing-key-type") => "ssh",
        (_, "values") => "values.yaml,more.yaml",
        (_, "values-from") => "secret/web,ConfigMap/web",
        (_, "verify-provider") => "cosign",
        (_, "with-namespace") => "one,two",
        _ => return None,
    })
}

/// Values that a flag of one of these commands refuses, or that look as if it should.
pub(super) fn bad_values(name: &str) -> Option<&'static [&'static str]> {
    Some(match name {
        "chart-ref" => {
            &["a", "Helmchart/a", "HelmChart/", "HelmChart/a/b", "/a", "GitRepository/a", "HelmChart/a.b.c"]
        }
        "event-source" | "resource" => {
            &["a", "a/", "/b", "a/b/c", "a/b.c.d", "a/.d", "a/d.", ",", "a/b,", "\"a"]
        }
        "values-from" => &["a", "Pod/a", "secret/", "secret/a/b", ",", "/a", "\"a", "CONFIGMAP/x.y"],
        "values" => &["none", "text", ".", ",", "empty", "list.yaml", "broken.yaml", "values.yaml,empty"],
        "image" => &[
            "a",
            "a:b",
            "a/b:c",
            "a/b@c",
            "A/b",
            "a.b/",
            "/a",
            "a//b",
            "h:x/ab",
            "h:5/ab",
            "u@h.b/ab",
            "https://a/b",
            " ab",
            "h.b/é",
            "h.b:/ab",
            "[::1]:5/ab",
            "h_.b/ab",
            "h%20.b/ab",
        ],
        "layer-selector" => &["a", "a:", ":copy", "a:b:copy", "a:Copy", "a:extract", ":"],
        "filter-regex" => &[
            "(",
            "a**",
            "(?=a)",
            "\\1",
            "[z-a]",
            "a{1001}",
            "\\pX",
            "(?i)*",
            "[[:x:]]",
            "a{,5}",
            "(?<n>a)",
            "[a&&b]",
            "\\Qa",
            "(a{100}){11}",
            "\\p{greek}",
            "\\p{Ll",
            "a)",
            "\\",
            "[a-\\d]",
            "(?P<n>a)(?P<n>b)",
        ],
        "filter-extract" => {
            &["$", "$x", "${n", "$n-$1", "$$", "${n}x", "$nx", "$01", "x", "$-", "$é", "$1234567890", "${}"]
        }
        "select-alpha" | "select-numeric" | "reflect-digest" | "signing-key-type" => {
            &["Asc", " ", "always", "x"]
        }
        "select-semver" => &["x", ">=1.0.0 <", " "],
        "with-namespace" => &["a/b", "a/b/c", "a b", "-", "A_b", ",", "\"a"],
        "with-service-account" | "cluster-role" => &["a/b", "a b", "-", "A_b"],
        "endpoint" | "digest" | "oci-provider" | "event-severity" | "chart-version" => &["a b", ":", "é"],
        _ => return None,
    })
}

/// Combinations that the table of single flags does not have.
pub(super) fn lines() -> Vec<String> {
    let of = |command: &str, more: &[&str]| {
        let command = command.to_owned();
        more.iter().map(|more| format!("create {command} {more}")).collect::<Vec<_>>()
    };
    [
        of(
            "source bucket",
            &[
                "app --export",
                "app --bucket-name=a --export",
                "app --bucket-name=a --endpoint=b --access-key=c --secret-key=hunter22 --export",
                "app --bucket-name=a --endpoint=b --secret-ref=c --provider=gcp --ignore-paths=a,b --insecure --export",
            ],
        ),
        of(
            "source helm",
            &[
                "app --export",
                "app --url=oci://h/r --oci-provider=aws --export",
                "app --url=oci://h/r --oci-provider=aws --secret-ref=a --pass-credentials --export",
                "app --url=https://h/r --oci-provider=aws --pass-credentials --export",
                "app --url=https:///r --export",
                "app --url=OCI://h/r --cert-file=none --key-file=none --ca-file=none --export",
            ],
        ),
        of(
            "source chart",
            &[
                "app --export",
                "app --source=Bucket/a --export",
                "app --source=bucket/a --chart=./b --verify-issuer=x --export",
                "app --source=Bucket/a --chart=./b --verify-secret-ref=x --export",
                "app --source=Bucket/a --chart=./b --verify-subject=x --export",
                "app --source=Bucket/a.b --chart=./b --verify-provider=cosign --verify-subject=x --export",
                "app --source=Bucket/a --chart=./b --verify-provider=cosign --verify-secret-ref=x --export",
                "app --source=Bucket/a --chart=./b --label=x",
            ],
        ),
        of(
            "source oci",
            &[
                "app --export",
                "app --url=x --export",
                "app --url=x --tag-semver=1.x --digest=sha256:1 --tag=b --export",
                "app --url=x --tag=a --verify-provider=cosign --verify-issuer=i --verify-secret-ref=s --export",
                "app --url=x --tag=a --layer-selector=a --label=x --export",
            ],
        ),
        of(
            "helmrelease",
            &[
                "app --export",
                "app --chart=a --chart-ref=HelmChart/a --export",
                "app --chart=a --export",
                "app --chart-ref=HelmChart/a --export",
                "app --chart=a --source=bucket/a.b.c --chart-interval=5m --chart-version=1.x --export",
                "app --chart-ref=HelmChart/a --reconcile-strategy=x --export",
                "app --chart-ref=OCIRepository/a --target-namespace=b --create-target-namespace --export",
                "app --chart-ref=OCIRepository/a --target-namespace=b --storage-namespace=c --export",
                "app --chart-ref=OCIRepository/a --crds=Skip --create-target-namespace --export",
                "app --chart-ref=OCIRepository/a --values=more.yaml,values.yaml --values=more.yaml --export",
                "app --chart-ref=x/a --label=x --values=none",
            ],
        ),
        of(
            "image policy",
            &[
                "app --export",
                "app --image-ref=a --export",
                "app --image-ref=a --select-semver=1.x --select-alpha=asc --export",
                "app --image-ref=a --select-numeric=asc --select-alpha=asc --export",
                "app --image-ref=a --select-numeric=asc --filter-extract=x --export",
                "app --image-ref=a --select-numeric=asc --reflect-digest=Always --interval=1m --export",
                "app --image-ref=a --select-numeric=asc --reflect-digest=Never --interval=1m --export",
                "app --image-ref=a --select-numeric=asc --reflect-digest=Always --export",
            ],
        ),
        of(
            "image update",
            &[
                "app --export",
                "app --git-repo-ref=a --export",
                "app --git-repo-ref=a --checkout-branch=b --export",
                "app --git-repo-ref=a --checkout-branch=b --author-name=c --export",
                "app --git-repo-ref=a --checkout-branch=b --author-name=c --author-email=d --signing-key-type=ssh --export",
                "app --git-repo-ref=a --checkout-branch=b --author-name=c --author-email=d --signing-key-type=ssh --signing-key-secret=e --export",
            ],
        ),
        of(
            "tenant",
            &[
                "team --with-namespace= --export",
                "team --with-namespace=a,b --with-namespace=c --skip-namespace --label=x=y --export",
                "team --with-namespace=a --with-service-account=b --cluster-role=edit --export",
                "team --with-namespace=a --label=x --export",
            ],
        ),
        of("alert", &["app --export", "app --provider-ref=a --export", "app --provider-ref=a --event-source= --export"]),
        of(
            "receiver",
            &[
                "app --export",
                "app --type=gcr --export",
                "app --type=gcr --secret-ref=a --export",
                "app --type=gcr --secret-ref=a --resource=b/c --event=a,b --event=c --interval=3m --export",
            ],
        ),
    ]
    .concat()
}

/// Writes the files that lines name into the folder in which they run.
pub(super) fn write_values(folder: &Path) {
    for (name, content) in [
        ("values.yaml", "a: {b: 1, c: null, 3: x}\nlist: [1, 2]\nbig: 12345678901234567890\n"),
        ("more.yaml", "a: {b: 2.50}\nlist: [yes]\n---\nanother: document\n"),
        ("list.yaml", "- a\n"),
        ("broken.yaml", "a: b: c\n"),
    ] {
        std::fs::write(folder.join(name), content).unwrap();
    }
}
