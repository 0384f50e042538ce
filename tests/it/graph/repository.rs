//! `graph --path` on repositories as people have them: several clusters, bases with overlays, charts.

use crate::support::Cli;
use serde_json::Value;
use serde_json::json;
use std::path::PathBuf;

const RELEASE: &str = "\
apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata: {name: web}
spec:
  interval: 1h
  chart: {spec: {chart: web, sourceRef: {kind: HelmRepository, name: charts, namespace: flux-system}}}
";
const CHARTS: &str = "\
apiVersion: source.toolkit.fluxcd.io/v1
kind: HelmRepository
metadata: {name: charts, namespace: flux-system}
spec: {url: https://charts.example.com}
";

fn kustomization(name: &str, path: &str) -> String {
    format!(
        "---\napiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata: {{name: {name}, namespace: flux-system}}\n\
         spec: {{path: {path}, sourceRef: {{kind: GitRepository, name: flux-system}}}}\n"
    )
}

/// A folder of the home of a person.
struct Repository {
    cli: Cli,
    root: PathBuf,
}

impl Repository {
    fn new() -> Self {
        let cli = Cli::new();
        let root = cli.home().join("fleet");
        Self { cli, root }
    }

    fn write(&self, path: &str, text: &str) {
        let path = self.root.join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    /// A cluster with a base of the repository and values of its own.
    fn cluster(&self, name: &str) {
        let source = "apiVersion: source.toolkit.fluxcd.io/v1\nkind: GitRepository\nmetadata: {name: flux-system, namespace: flux-system}\nspec: {url: https://git.example.com/fleet}\n";
        let sync = format!("{source}{}", kustomization("flux-system", &format!("./clusters/{name}")));
        self.write(&format!("clusters/{name}/flux-system/gotk-sync.yaml"), &sync);
        self.write(
            &format!("clusters/{name}/flux-system/kustomization.yaml"),
            "resources: [gotk-sync.yaml]\n",
        );
        self.write(&format!("clusters/{name}/apps.yaml"), &kustomization("apps", &format!("./apps/{name}")));
        self.write(
            &format!("apps/{name}/kustomization.yaml"),
            "resources: [../base]\npatches: [{path: web-values.yaml}]\n",
        );
        self.write(
            &format!("apps/{name}/web-values.yaml"),
            "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {name: web}\nspec: {values: {stage: x}}\n",
        );
    }

    /// Two clusters.
    fn two() -> Self {
        let repository = Self::new();
        ["production", "staging"].iter().for_each(|name| repository.cluster(name));
        repository
            .write("apps/base/kustomization.yaml", "namespace: web\nresources: [web.yaml, charts.yaml]\n");
        repository.write("apps/base/web.yaml", RELEASE);
        repository.write("apps/base/charts.yaml", &CHARTS.replace("flux-system", "web"));
        repository.write("clusters/production/charts.yaml", CHARTS);
        repository
    }

    #[track_caller]
    fn drawn(&self, words: &[&str]) -> String {
        let words = [&["graph"][..], words].concat();
        let said = self.cli.run(&words);
        assert_eq!(said.err, "", "{words:?}");
        said.succeeded().to_owned()
    }
}

/// What a cluster with the charts has.
const WITH_CHARTS: &str = "\
· GitRepository/flux-system/flux-system
├── · Kustomization/flux-system/apps
└── · Kustomization/flux-system/flux-system
· HelmRepository/flux-system/charts
└── · HelmRelease/web/web
· HelmRepository/web/charts
";

const STAGING: &str = "\
· GitRepository/flux-system/flux-system
├── · Kustomization/flux-system/apps
└── · Kustomization/flux-system/flux-system
· HelmRepository/web/charts
✗ HelmRepository/flux-system/charts: no file that the cluster applies declares it
└── · HelmRelease/web/web
";

#[test]
fn each_cluster_of_a_repository_is_drawn_for_itself() {
    let repository = Repository::two();
    let missing = "HelmRepository/flux-system/charts does not exist, but HelmRelease/web/web needs it";
    let wanted = format!(
        "./clusters/production:\n{WITH_CHARTS}\n./clusters/staging:\n{STAGING}\n✗ ./clusters/staging: {missing} (Missing)\n"
    );
    let drawn = repository.drawn(&["--path", "fleet"]);
    assert_eq!(sorted(&drawn), sorted(&wanted), "{drawn}");
    assert!(!drawn.contains("DeclaredTwice"), "{drawn}");

    let document: Value =
        serde_json::from_str(&repository.drawn(&["--path", "fleet", "-o", "json"])).unwrap();
    let of = |list: &str| -> Vec<&Value> {
        let items = document[list].as_array().unwrap();
        items.iter().filter(|item| item["cluster"] == "./clusters/production").collect()
    };
    assert_eq!((of("nodes").len(), of("edges").len(), of("findings").len()), (6, 3, 0), "{document}");
    let finding = &document["findings"][0];
    assert_eq!(
        (&finding["cluster"], &finding["message"]),
        (&json!("./clusters/staging"), &json!(format!("./clusters/staging: {missing}")))
    );
    for (format, words) in [
        (
            "dot",
            [
                "subgraph cluster_0 {\n    label=\"./clusters/production\";\n    n0 [",
                "  }\n  subgraph cluster_1 {",
            ],
        ),
        ("mermaid", ["  subgraph c0[\"./clusters/production\"]\n    n0[", "  end\n  subgraph c1["]),
        (
            "svg",
            [
                "· unknown · ./clusters/production</text>",
                "GitRepository · unknown · ./clusters/staging</text>",
            ],
        ),
    ] {
        let drawn = repository.drawn(&["--path", "fleet", "-o", format]);
        assert!(words.iter().all(|word| drawn.contains(word)), "{format}: {drawn}");
    }
    let one = repository.drawn(&["ks/apps", "--path", "fleet"]);
    assert_eq!(one.matches("Kustomization/flux-system/apps").count(), 2, "{one}");
}

/// The order of what belongs to nothing does not matter here.
fn sorted(text: &str) -> Vec<&str> {
    let mut lines: Vec<&str> = text.lines().collect();
    lines.sort_unstable();
    lines
}

#[test]
fn a_part_of_a_repository_is_drawn_without_the_rest() {
    let repository = Repository::two();
    let (apps, sync) = ("· Kustomization/flux-system/apps", "· Kustomization/flux-system/flux-system");
    let wanted = format!("· GitRepository/flux-system/flux-system\n├── {apps}\n└── {sync}\n");
    assert_eq!(repository.drawn(&["--path", "fleet/clusters/staging"]), wanted);
    let drawn = repository.drawn(&["--path", "fleet/clusters"]);
    let charts = "· HelmRepository/flux-system/charts\n";
    assert_eq!(drawn, format!("./production:\n{wanted}{charts}\n./staging:\n{wanted}"));
    // Values of overlays declare nothing.
    let drawn = repository.drawn(&["--path", "fleet/apps"]);
    assert!(!drawn.contains("DeclaredTwice"), "{drawn}");
}

#[test]
fn what_is_declared_twice_for_one_cluster_and_what_none_applies_is_named() {
    let repository = Repository::two();
    repository.write("clusters/staging/copy.yaml", &kustomization("apps", "./apps/staging"));
    repository.write("old/left.yaml", &kustomization("left", "./nowhere"));
    repository.write("charts/web/Chart.yaml", "apiVersion: v2\nname: web\n");
    repository.write("charts/web/templates/web.yaml", "{{ if }}");
    repository.write("charts/web/crds/web.yaml", RELEASE);
    let drawn = repository.drawn(&["--path", "fleet"]);
    let twice = "✗ ./clusters/staging: Kustomization/flux-system/apps is declared in clusters/staging/apps.yaml and in clusters/staging/copy.yaml (DeclaredTwice)\n";
    assert!(drawn.contains(twice) && drawn.matches("DeclaredTwice").count() == 1, "{drawn}");
    let rest = "other files:\n· GitRepository/flux-system/flux-system: ./clusters/staging declares it\n└── · Kustomization/flux-system/left\n";
    assert!(drawn.contains(rest), "{drawn}");
}

/// A further source of the same repository, and a Kustomization that applies a folder of its own from it.
fn second(name: &str, reference: &str) -> String {
    let url = "ssh://git@git.example.com/fleet.git";
    let source = format!(
        "---\napiVersion: source.toolkit.fluxcd.io/v1\nkind: GitRepository\nmetadata: {{name: {name}, namespace: flux-system}}\n\
         spec: {{url: {url}{reference}}}\n"
    );
    let applied = kustomization(name, &format!("./teams/{name}"));
    format!("{}{source}", applied.replace("name: flux-system}}", &format!("name: {name}}}}}")))
}

#[test]
fn a_second_source_of_the_same_repository_is_followed_as_far_as_it_brings_the_same() {
    let repository = Repository::two();
    for (name, reference) in [
        ("same", ", ref: {branch: master}"),
        ("open", ", ref: {tag: \"${release}\"}"),
        ("next", ", ref: {name: refs/heads/next}"),
    ] {
        repository.write(&format!("clusters/staging/{name}.yaml"), &second(name, reference));
        repository.write(
            &format!("teams/{name}/web.yaml"),
            &RELEASE.replace("name: web", &format!("name: {name}")),
        );
        // What it brings may itself declare a source for what was found before.
        repository
            .write(&format!("teams/{name}/more.yaml"), &kustomization(&format!("{name}-more"), "./nowhere"));
    }
    let drawn = repository.drawn(&["--path", "fleet"]);
    let (staging, rest) =
        drawn.split_once("./clusters/staging:\n").unwrap().1.split_once("other files:\n").unwrap();
    for name in ["same", "open"] {
        for wanted in [
            format!("· GitRepository/flux-system/{name}\n└── · Kustomization/flux-system/{name}\n"),
            format!("· HelmRelease/flux-system/{name}\n"),
            format!("· Kustomization/flux-system/{name}-more\n"),
        ] {
            assert!(staging.contains(&wanted), "{wanted} is not in {drawn}");
        }
    }
    let told = "it follows the branch next of this repository, and the cluster the branch master: what is applied from it is not followed";
    let wanted = format!("· GitRepository/flux-system/next: {told}\n└── · Kustomization/flux-system/next\n");
    assert!(staging.contains(&wanted) && !staging.contains("next-more"), "{drawn}");
    assert!(
        rest.contains("· Kustomization/flux-system/next-more\n")
            && rest.contains("HelmRelease/flux-system/next"),
        "{drawn}"
    );
    let document: Value =
        serde_json::from_str(&repository.drawn(&["--path", "fleet", "-o", "json"])).unwrap();
    let nodes = document["nodes"].as_array().unwrap();
    let messages: Vec<&Value> = nodes
        .iter()
        .filter(|node| node["kind"] == "GitRepository" && node["name"] == "next")
        .map(|node| &node["message"])
        .collect();
    assert_eq!(messages, [told]);
}

#[test]
fn what_one_cluster_does_not_apply_is_not_declared_twice_for_it() {
    let repository = Repository::new();
    repository.cluster("production");
    repository.write("apps/base/kustomization.yaml", "namespace: web\nresources: [web.yaml]\n");
    repository.write("apps/base/web.yaml", RELEASE);
    repository.write("clusters/next/apps.yaml", &kustomization("apps", "./apps/next"));
    repository.write("clusters/next/more.yaml", &kustomization("more", "./apps/more"));
    let wanted = "· GitRepository/flux-system/flux-system\n├── · Kustomization/flux-system/apps\n\
                  ├── · Kustomization/flux-system/flux-system\n└── · Kustomization/flux-system/more\n";
    let drawn = repository.drawn(&["--path", "fleet"]);
    assert!(drawn.starts_with(wanted) && !drawn.contains("DeclaredTwice"), "{drawn}");
}

#[test]
fn files_that_cannot_be_read_are_named_once_and_the_rest_is_drawn() {
    let repository = Repository::two();
    repository.write("apps/base/web.yaml", "a: [");
    repository.write("clusters/staging/bad.yaml", "{{ x }}");
    repository
        .write("clusters/production/kustomization.yaml", "resources: [flux-system, apps.yaml, gone.yaml]\n");
    let said = repository.cli.run(&["graph", "--path", "fleet"]);
    assert_eq!(said.code, 1);
    for words in [
        "✗ apps/base/web.yaml: ",
        "✗ clusters/staging/bad.yaml: ",
        "✗ clusters/production/kustomization.yaml lists \"gone.yaml\", which does not exist\n",
        "✗ 3 files could not be read\n",
    ] {
        assert!(said.err.contains(words), "no {words} in {}", said.err);
    }
    assert_eq!(said.out.matches("· Kustomization/flux-system/apps\n").count(), 2, "{}", said.out);
}

#[test]
fn what_the_source_of_a_cluster_leaves_out_is_not_drawn() {
    let repository = Repository::two();
    let sync = "clusters/production/flux-system/gotk-sync.yaml";
    let text = std::fs::read_to_string(repository.root.join(sync)).unwrap();
    let ignore = "fleet, ignore: \"/clusters/production/later\\n/old\"}";
    repository.write(sync, &text.replace("fleet}", ignore));
    repository.write("clusters/.sourceignore", "*.draft.yaml\n");
    for (file, name) in [
        ("clusters/production/one.draft.yaml", "one"),
        ("clusters/production/later/two.yaml", "two"),
        ("clusters/staging/later/three.yaml", "three"),
        ("clusters/elsewhere/four.draft.yaml", "four"),
        ("old/five.yaml", "five"),
    ] {
        repository.write(file, &kustomization(name, "./none"));
    }
    let drawn = repository.drawn(&["--path", "fleet"]);
    // The source of the other cluster leaves out less.
    let (production, rest) = drawn.split_once("./clusters/staging:").unwrap();
    let (staging, others) = rest.split_once("other files:").unwrap();
    for (part, wanted) in [
        (production, &["flux-system/apps", "flux-system/flux-system"][..]),
        (staging, &["flux-system/apps", "flux-system/flux-system", "flux-system/three"]),
        // What none applies, and not all leave out.
        (others, &["flux-system/five", "flux-system/two"]),
    ] {
        let names = part.lines().filter_map(|line| line.split_once("· Kustomization/"));
        assert_eq!(names.map(|(_, name)| name).collect::<Vec<_>>(), wanted, "{drawn}");
    }
    let part = repository.drawn(&["--path", "fleet/clusters"]);
    let (production, _) = part.split_once("./staging:").unwrap();
    assert!(!production.contains("Kustomization/flux-system/two"), "{part}");
    for (name, is_drawn) in [("one", false), ("three", true), ("four", false)] {
        assert_eq!(part.contains(&format!("Kustomization/flux-system/{name}")), is_drawn, "{name}: {part}");
    }
}

#[test]
fn a_link_is_not_a_file_of_what_is_published() {
    let repository = Repository::two();
    let base = repository.root.join("apps/base");
    std::fs::rename(base.join("web.yaml"), base.join("release.yaml")).unwrap();
    std::os::unix::fs::symlink("release.yaml", base.join("web.yaml")).unwrap();
    let said = repository.cli.run(&["graph", "--path", "fleet"]);
    let words = "✗ apps/base/kustomization.yaml lists \"web.yaml\", which is a link, or behind one, and links are not part of an artifact\n";
    assert!(said.failed().contains(words), "{}", said.err);
}
