//! Kustomizations, manifests and files as no one should write them: what a build says of each, and that it ends.

mod changes;
mod files;

use crate::support::Cli;
use crate::support::Output;
use fluxr::testing::render::Memory;
use fluxr::testing::render::kustomize;
use fluxr::testing::render::kustomize::Options;
use std::time::Duration;
use std::time::Instant;

/// A folder in which every file is as it is given.
struct Stage {
    cli: Cli,
    /// Without links.
    home: String,
}

impl Stage {
    fn with(files: &[(&str, &str)]) -> Self {
        let cli = Cli::new();
        let home = cli.home().canonicalize().unwrap().to_str().unwrap().to_owned();
        let stage = Self { cli, home };
        files.iter().for_each(|(path, text)| stage.write(path, text.as_bytes()));
        stage
    }

    fn write(&self, path: &str, content: &[u8]) {
        let path = self.cli.home().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, content).unwrap();
    }

    fn build(&self, folder: &str) -> Output {
        self.cli.run(&["kustomize", folder])
    }

    /// As Flux builds the folder, without a cluster.
    fn build_as_flux(&self, folder: &str) -> Output {
        self.write("ks.yaml", KUSTOMIZATION.as_bytes());
        let path = format!("--path={folder}");
        self.cli.run(&["build", "kustomization", "app", &path, "--kustomization-file=ks.yaml", "--dry-run"])
    }

    /// What a build of the folder says when it fails; the home folder is `~` in it.
    #[track_caller]
    fn refusal(&self, folder: &str) -> String {
        let output = self.build(folder);
        assert_eq!((output.code, output.out.as_str()), (1, ""), "{}", output.err);
        output.err.replace(&self.home, "~")
    }
}

const KUSTOMIZATION: &str = "apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata: {name: app, namespace: flux-system}\n\
    spec: {interval: 1h, prune: true, path: ./app, sourceRef: {kind: GitRepository, name: app}}\n";

fn config_map(name: &str) -> String {
    format!("apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {name}\n")
}

const ONE: &str = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\n";

#[test]
fn malformed_yaml_is_told_with_its_file_line_and_column() {
    let second = format!("{ONE}---\n# two\n{ONE}data:\n  x: [1, 2\n  y: 3\n");
    let place = "not valid YAML: line 13, column 4: did not find expected ',' or ']', in what begins at line 12, column 6";
    for (kustomization, wanted) in [
        (
            "namePrefix: x-\nresources:\n- b.yaml\n",
            "the resource \"b.yaml\" of \"~/app/kustomization.yaml\", line 3",
        ),
        ("resources: [a.yaml]\npatches:\n- path: b.yaml\n", "in \"~/app/kustomization.yaml\", line 3"),
        (
            "resources: [a.yaml]\npatchesStrategicMerge:\n- b.yaml\n",
            "in \"~/app/kustomization.yaml\", line 2",
        ),
        (
            "resources: [a.yaml]\ntransformers:\n- b.yaml\n",
            "the transformer \"b.yaml\" of \"~/app/kustomization.yaml\", line 3",
        ),
    ] {
        let stage = Stage::with(&[
            ("app/kustomization.yaml", kustomization),
            ("app/a.yaml", ONE),
            ("app/b.yaml", &second),
        ]);
        let said = stage.refusal("app");
        assert!(
            said.contains(wanted) && said.contains(&format!("~/app/b.yaml: {place}"))
                || said.contains(&format!("the patch \"~/app/b.yaml\": {place}")),
            "{kustomization}: {said}"
        );
    }
    let first = "- a: 1\n b: 2\n";
    let place = "b.yaml: not valid YAML: line 2, column 2: did not find expected '-' indicator";
    for field in [
        "replacements: [{path: b.yaml}]",
        "crds: [b.yaml]",
        "configurations: [b.yaml]",
        "openapi: {path: b.yaml}",
    ] {
        let stage = Stage::with(&[
            ("app/kustomization.yaml", &format!("resources: [a.yaml]\n{field}\n")),
            ("app/a.yaml", ONE),
            ("app/b.yaml", first),
        ]);
        let said = stage.refusal("app");
        assert!(
            said.contains("\"~/app/kustomization.yaml\", line 2") && said.contains(place),
            "{field}: {said}"
        );
    }
    let stage = Stage::with(&[("app/kustomization.yaml", "resources:\n- a.yaml\n b: 1\n")]);
    let place = "~/app/kustomization.yaml: not valid YAML: line 3, column 3: mapping values are not allowed in this context";
    assert!(stage.refusal("app").contains(place), "{}", stage.refusal("app"));
    // Without a kustomization Flux reads every manifest.
    let stage = Stage::with(&[("app/b.yaml", &second)]);
    let output = stage.build_as_flux("app");
    assert!(output.failed().contains("app/b.yaml: not valid YAML: line 13, column 4"), "{}", output.err);
}

#[test]
fn a_kustomization_with_a_wrong_field_is_told_with_its_line() {
    for (text, wanted) in [
        ("resources:\n- a.yaml\nresourcess: []\n", "line 3: unknown field \"resourcess\""),
        (
            "resources: [a.yaml]\nimages:\n- name: web\n  newTag: 1.0\n",
            "line 4: images[0].newTag: expected a string, found a number",
        ),
        (
            "resources: [a.yaml]\npatches:\n- patch: x\n  Target:\n    names: x\n",
            "line 5: patches[0].target: unknown field \"names\"",
        ),
        ("resources: [a.yaml]\nx: &x {team: 1}\ncommonLabels: *x\n", "line 2: unknown field \"x\""),
        (
            "resources: [a.yaml]\nlabels:\n- pairs:\n    a: b\n- pairs:\n    app.kubernetes.io/name: true\n",
            "line 6: labels[1].pairs.app.kubernetes.io/name: expected a string, found a bool",
        ),
        ("resources:\n  a.yaml: b\n", "line 1: resources: expected a list, found a mapping"),
    ] {
        let stage = Stage::with(&[("app/kustomization.yaml", text), ("app/a.yaml", ONE)]);
        let said = stage.refusal("app");
        let wanted = format!("\"~/app/kustomization.yaml\" is not a valid kustomization: {wanted}\n");
        assert!(said.ends_with(&wanted), "{text}: {said}");
    }
}

#[test]
fn a_bomb_of_aliases_is_refused_wherever_it_is_read() {
    let mut bomb = format!("{ONE}a0: &a0 [x, x, x, x, x, x, x, x, x]\n");
    for at in 1..12 {
        bomb.push_str(&format!("a{at}: &a{at} [{}]\n", vec![format!("*a{}", at - 1); 9].join(", ")));
    }
    for text in [
        "resources: [b.yaml]",
        "resources: [a.yaml]\npatches: [{path: b.yaml}]",
        "resources: [a.yaml]\nreplacements: [{path: b.yaml}]",
        "resources: [a.yaml]\nconfigurations: [b.yaml]",
        "resources: [a.yaml]\ncrds: [b.yaml]",
        "resources: [a.yaml]\nopenapi: {path: b.yaml}",
        "generators: [b.yaml]",
        bomb.as_str(),
    ] {
        let files = [("app/kustomization.yaml", text), ("app/a.yaml", ONE), ("app/b.yaml", &bomb)];
        let (stage, begun) = (Stage::with(&files), Instant::now());
        let said = stage.refusal("app");
        let wanted = "not valid YAML: line 8, column 30: document contains excessive aliasing";
        assert!(said.contains(wanted), "{text}: {said}");
        assert!(begun.elapsed() < Duration::from_secs(10), "{text}");
    }
}

#[test]
fn anchors_of_anchors_are_what_they_stand_for() {
    let links: String = (1..100).map(|at| format!("  k{at}: &a{at} {{of: *a{}}}\n", at - 1)).collect();
    let text = format!("{ONE}data:\n  k0: &a0 {{end: here}}\n{links}  last: *a2\n");
    let stage = Stage::with(&[("app/kustomization.yaml", "resources: [a.yaml]\n"), ("app/a.yaml", &text)]);
    let built = stage.build("app");
    let wanted = "\n  last:\n    of:\n      of:\n        end: here\n";
    assert!(built.succeeded().contains(wanted) && built.out.matches("end: here").count() == 101);
    for (value, wanted) in [
        ("&x {y: *x}", "line 6, column 10: anchor 'x' value contains itself"),
        ("{y: *x}", "line 6, column 7: unknown anchor 'x' referenced"),
    ] {
        let text = format!("{ONE}data:\n  {value}\n");
        let stage =
            Stage::with(&[("app/kustomization.yaml", "resources: [a.yaml]\n"), ("app/a.yaml", &text)]);
        let said = stage.refusal("app");
        assert!(said.ends_with(&format!("~/app/a.yaml: not valid YAML: {wanted}\n")), "{said}");
    }
}

#[test]
fn documents_that_are_not_objects_are_reported_with_their_lines() {
    for (document, wanted) in [
        ("- 1\n- 2\n", "a list, not an object"),
        ("hello\n", "a text, not an object"),
        ("apiVersion: v1\nmetadata:\n  name: b\n", "an object without kind"),
        ("kind: Secret\n", "a Secret without metadata.name"),
        ("kind: Secret\nmetadata: {name: b, labels: [c]}\n", "the labels of a Secret are a list"),
        ("kind: List\nitems: {a: b}\n", "the items of a list are not a list"),
        ("kind: List\nitems: [{kind: Secret}]\n", "a Secret without metadata.name"),
    ] {
        let text = format!("{ONE}---\n\n# {wanted}\n{document}");
        let stage =
            Stage::with(&[("app/kustomization.yaml", "resources: [a.yaml]\n"), ("app/a.yaml", &text)]);
        let said = stage.refusal("app");
        assert!(said.ends_with(&format!("~/app/a.yaml, line 8: {wanted}\n")), "{document}: {said}");
        std::fs::remove_file(stage.cli.home().join("app/kustomization.yaml")).unwrap();
        let output = stage.build_as_flux("app");
        assert!(output.failed().contains(&format!("app/a.yaml, line 8: {wanted}\n")), "{}", output.err);
    }
}

#[test]
fn a_key_that_is_there_twice_is_refused_in_an_object_and_the_last_counts_in_a_kustomization() {
    let twice = format!("{ONE}---\n{}data:\n  x: a\n  x: b\n", config_map("b"));
    let files =
        [("app/kustomization.yaml", "resources: [none.yaml]\nresources: [a.yaml]\n"), ("app/a.yaml", &twice)];
    let stage = Stage::with(&files);
    let said = stage.refusal("app");
    let wanted = "v1 ConfigMap \"b\" in \"~/app/a.yaml\", line 6: mapping key \"x\" already defined\n";
    assert!(said.ends_with(wanted), "{said}");
    stage.write("app/a.yaml", ONE.as_bytes());
    assert_eq!(stage.build("app").succeeded(), ONE);
}

#[test]
fn tabs_byte_order_marks_and_line_ends_of_windows_change_nothing() {
    let text = format!("{ONE}data:\n  x: |\n    a\n    b\n  y: z\n---\n{}", config_map("b"));
    let wanted = format!(
        "apiVersion: v1\ndata:\n  x: |\n    a\n    b\n  \"y\": z\nkind: ConfigMap\nmetadata:\n  name: a\n---\n{}",
        config_map("b")
    );
    let kustomization = "resources:\n- a.yaml\n";
    let windows = |text: &str| text.replace('\n', "\r\n");
    let tabs = text.replace("y: z", "y:\tz\t# a tab").replace("metadata:", "metadata:\t");
    for (kustomization, text) in [
        (kustomization.to_owned(), text.clone()),
        (windows(kustomization), windows(&text)),
        (format!("\u{feff}{kustomization}"), format!("\u{feff}{text}")),
        (format!("\u{feff}{}", windows(kustomization)), format!("\u{feff}{}", windows(&text))),
        (kustomization.to_owned(), text.replace("---\n", "---\n\u{feff}")),
        ("resources:\t[a.yaml]\t# a tab\n".to_owned(), tabs),
    ] {
        let stage = Stage::with(&[("app/kustomization.yaml", &kustomization), ("app/a.yaml", &text)]);
        assert_eq!(stage.build("app").succeeded(), wanted, "{text:?}");
    }
    let files = [
        ("app/kustomization.yaml", kustomization),
        ("app/a.yaml", "kind: ConfigMap\nmetadata:\n\tname: a\n"),
    ];
    let said = Stage::with(&files).refusal("app");
    let wanted =
        "~/app/a.yaml: not valid YAML: line 3, column 1: found character that cannot start any token\n";
    assert!(said.ends_with(wanted), "{said}");
}

#[test]
fn a_hundred_thousand_documents_are_built_in_one_go() {
    let text: String =
        (0..100_000).map(|at| format!("kind: Thing\nmetadata: {{name: t{at}}}\n---\n")).collect();
    let files = [("kustomization.yaml", b"resources: [a.yaml]\n".to_vec()), ("a.yaml", text.into_bytes())];
    let tree = Memory(files.map(|(path, bytes)| (path.to_owned(), bytes)).into());
    let begun = Instant::now();
    let objects = kustomize::build(&tree, "", Options::default()).unwrap();
    assert_eq!(objects.len(), 100_000);
    assert_eq!(objects[99_999]["metadata"]["name"], "t99999");
    assert!(begun.elapsed() < Duration::from_secs(100), "{:?}", begun.elapsed());
}

#[test]
fn a_line_of_ten_megabytes_is_one_like_any_other_in_a_build() {
    let line = "all work and no play ".repeat(500_000);
    let text = format!("{ONE}data:\n  x: \"{line}\"\n");
    let stage = Stage::with(&[("app/kustomization.yaml", "resources: [a.yaml]\n"), ("app/a.yaml", &text)]);
    let built = stage.build("app");
    assert!(
        built.succeeded().contains(line.trim_end()) || built.out.len() > line.len(),
        "{}",
        built.out.len()
    );
    // A mistake behind it has its column.
    let text = format!("{ONE}data: {{x: \"{line}\", y: *none}}\n");
    stage.write("app/a.yaml", text.as_bytes());
    let said = stage.refusal("app");
    assert!(said.contains(&format!("line 5, column {}: unknown anchor", line.len() + 18)), "{said}");
}
