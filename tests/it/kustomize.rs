//! The native build over folders and archives with what kustomize makes of them, and the command.

mod archive;
mod cases;
mod fields;

use crate::support::Cli;
use crate::support::difference;
pub use cases::Case;
pub use cases::Expected;
pub use cases::cases;
pub use cases::files_below;
use fluxr::testing::render::Disk;
use fluxr::testing::render::Memory;
use fluxr::testing::render::Nowhere;
use fluxr::testing::render::kustomize;
use fluxr::testing::render::kustomize::Options;
use fluxr::testing::render::kustomize::Outside;
use fluxr::testing::render::kustomize::Reorder;
use fluxr::testing::render::kustomize::Restrictor;

#[test]
fn every_case_is_built_as_kustomize_builds_it() {
    let cases = cases();
    // `docs/testing.md` says so.
    assert!(cases.len() > 700, "only {} cases", cases.len());
    let mut wrong = Vec::new();
    for case in &cases {
        let built = case.build(Outside { tell: &|_| {}, remote: &Nowhere });
        match (&case.expected, built.map(|objects| kustomize::render(&objects))) {
            (Expected::Built(wanted), Ok(text)) => {
                if text != *wanted {
                    wrong.push(format!("== {}\n{}", case.name, difference(wanted, &text)));
                }
            }
            (Expected::Built(_), Err(error)) => wrong.push(format!("== {}: {error}", case.name)),
            (Expected::Refused(_), Ok(text)) => {
                wrong.push(format!("== {} is not refused:\n{text}", case.name))
            }
            (Expected::Refused(words), Err(error)) => {
                if words.is_empty() || !error.contains(words) {
                    wrong.push(format!("== {}: said {error:?}, without {words:?}", case.name));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), cases.len(), wrong.join("\n"));
}

#[test]
fn what_would_need_another_program_or_another_place_is_refused() {
    for (text, wanted) in [
        ("helmCharts: [{name: x}]", "helmCharts in \"kustomization.yaml\" is not supported"),
        ("helmChartInflationGenerator: [{chartName: x}]", "helmCharts in \"kustomization.yaml\""),
        (
            "generators: ['{apiVersion: builtin, kind: HelmChartInflationGenerator, metadata: {name: x}}']",
            "a HelmChartInflationGenerator is not supported",
        ),
        (
            "transformers: ['{apiVersion: example.com/v1, kind: Painter, metadata: {name: x}}']",
            "external plugins disabled; unable to load external plugin 'Painter'",
        ),
        ("resources: ['https://example.com/x.yaml']", "nothing is fetched here"),
        ("resources: ['github.com/org/repo?ref=v1']", "nothing is fetched here"),
        ("components: ['git@example.com:org/repo']", "nothing is fetched here"),
    ] {
        let tree = Memory([("kustomization.yaml".to_owned(), text.as_bytes().to_vec())].into());
        let error = format!("{:#}", kustomize::build(&tree, "", Options::default()).unwrap_err());
        assert!(error.contains(wanted), "{text}: {error}");
    }
}

#[test]
fn no_path_leads_out_of_the_tree() {
    let home = tempfile::tempdir().unwrap();
    let tree = home.path().join("tree");
    std::fs::create_dir_all(tree.join("app")).unwrap();
    std::fs::write(home.path().join("secret.yaml"), "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: s}\n")
        .unwrap();
    std::os::unix::fs::symlink(home.path().join("secret.yaml"), tree.join("app/link.yaml")).unwrap();
    let options = Options { restrictor: Restrictor::None, reorder: Reorder::None, ..Options::default() };
    for (resource, wanted) in
        [("link.yaml", "leads out"), ("../../secret.yaml", "leads out"), ("/etc/hostname", "leads out")]
    {
        std::fs::write(tree.join("app/kustomization.yaml"), format!("resources: [{resource}]\n")).unwrap();
        let error = kustomize::build(&Disk::new(&tree).unwrap(), "app", options).unwrap_err();
        assert!(format!("{error:#}").contains(wanted), "{resource}: {error:#}");
    }
}

#[test]
fn messages_name_whole_paths() {
    let cli = Cli::new();
    let home = cli.home.path().canonicalize().unwrap();
    std::fs::create_dir_all(home.join("app/empty")).unwrap();
    let shown = |path: &str| format!("\"{}\"", home.join(path).display());
    for (text, wanted) in [
        ("resources: [../b]", vec!["the resource \"../b\" of ".to_owned(), shown("app/kustomization.yaml")]),
        (
            "resources: [empty]",
            vec![format!(
                "unable to find one of 'kustomization.yaml', 'kustomization.yml' or 'Kustomization' in directory '{}'",
                home.join("app/empty").display()
            )],
        ),
        ("components: [c]", vec!["the component \"c\" of ".to_owned(), shown("app/kustomization.yaml")]),
        (
            "configMapGenerator: [{name: a, files: [f]}]",
            vec!["there is no \"f\" in ".to_owned(), shown("app")],
        ),
        (
            "configMapGenerator: [{name: a, files: [../f]}]",
            vec!["is not in or below ".to_owned(), shown("app")],
        ),
        ("resources: [.]", vec![format!("cycle detected: candidate root '{}'", home.join("app").display())]),
        ("resources: {}", vec![shown("app/kustomization.yaml"), "resources: expected a list".to_owned()]),
        ("resources: [", vec![format!("{}: not valid YAML", home.join("app/kustomization.yaml").display())]),
    ] {
        std::fs::write(home.join("app/kustomization.yaml"), format!("{text}\n")).unwrap();
        std::fs::write(home.join("f"), "").unwrap();
        let output = cli.run(&["kustomize", "app"]);
        for words in wanted {
            assert!(output.failed().contains(&words), "{text}: {} without {words}", output.err);
        }
    }
}

#[test]
fn a_file_may_be_named_by_its_whole_path() {
    let cli = Cli::new();
    let home = cli.home.path().canonicalize().unwrap();
    std::fs::create_dir_all(home.join("app")).unwrap();
    std::fs::write(home.join("app/all.yaml"), ALL).unwrap();
    std::fs::write(home.join("other.yaml"), ALL).unwrap();
    let build = |path: &str, more: &[&str]| {
        let text = format!("resources: [{}]\n", home.join(path).display());
        std::fs::write(home.join("app/kustomization.yaml"), text).unwrap();
        cli.run(&[&["kustomize", "app"], more].concat())
    };
    assert!(build("app/all.yaml", &[]).succeeded().contains("name: web"));
    assert!(build("other.yaml", &[]).failed().contains("is not in or below"));
    assert!(
        build("other.yaml", &["--load-restrictor=LoadRestrictionsNone"]).succeeded().contains("name: web")
    );
    assert!(build("app", &["--load-restrictor=LoadRestrictionsNone"]).failed().contains("is absolute"));
}

#[test]
fn a_kustomization_that_is_a_link_out_of_its_folder_does_not_count() {
    let cli = Cli::new();
    let home = cli.home.path().canonicalize().unwrap();
    for folder in ["app", "linked", "over"] {
        std::fs::create_dir_all(home.join(folder)).unwrap();
    }
    std::fs::write(home.join("app/kustomization.yaml"), "resources: [all.yaml]\n").unwrap();
    std::fs::write(home.join("linked/all.yaml"), ALL).unwrap();
    std::fs::write(home.join("over/kustomization.yaml"), "resources: [../linked]\n").unwrap();
    std::os::unix::fs::symlink("../app/kustomization.yaml", home.join("linked/kustomization.yaml")).unwrap();
    let said = format!("in directory '{}'", home.join("linked").display());
    for folder in ["linked", "over"] {
        let output = cli.run(&["kustomize", folder]);
        assert!(output.failed().contains(&said), "{}", output.err);
        let free = cli.run(&["kustomize", folder, "--load-restrictor=LoadRestrictionsNone"]);
        assert!(free.succeeded().contains("name: web"));
    }
    // One that leads to another file of the folder is one.
    std::fs::remove_file(home.join("linked/kustomization.yaml")).unwrap();
    std::fs::write(home.join("linked/own"), "resources: [all.yaml]\n").unwrap();
    std::os::unix::fs::symlink("own", home.join("linked/kustomization.yaml")).unwrap();
    assert!(cli.run(&["kustomize", "linked"]).succeeded().contains("name: web"));
}

const TWO: &str = "namespace: web\nresources: [all.yaml]\n";
const ALL: &str = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: b}\n---\napiVersion: v1\nkind: Namespace\nmetadata: {name: web}\n";

#[test]
fn the_command_writes_to_stdout_to_a_file_and_to_a_folder() {
    let cli = Cli::new();
    let home = cli.home.path().to_owned();
    let app = home.join("app");
    std::fs::create_dir_all(&app).unwrap();
    std::fs::write(app.join("kustomization.yaml"), TWO).unwrap();
    std::fs::write(app.join("all.yaml"), ALL).unwrap();
    let app = app.to_str().unwrap();
    let wanted = "apiVersion: v1\nkind: Namespace\nmetadata:\n  name: web\n---\napiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: b\n  namespace: web\n";
    let output = cli.run(&["kustomize", app]);
    assert_eq!((output.code, output.out.as_str()), (0, wanted), "{}", output.err);
    let unsorted = cli.run(&["kustomize", app, "--reorder", "none"]);
    assert!(unsorted.out.find("ConfigMap") < unsorted.out.find("Namespace"), "{}", unsorted.out);
    let file = home.join("out.yaml");
    assert_eq!(cli.run(&["kustomize", app, "-o", file.to_str().unwrap()]).code, 0);
    assert_eq!(std::fs::read_to_string(&file).unwrap(), wanted);
    let folder = home.join("out");
    std::fs::create_dir(&folder).unwrap();
    assert_eq!(cli.run(&["kustomize", app, "-o", folder.to_str().unwrap()]).code, 0);
    let mut names: Vec<_> = std::fs::read_dir(&folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    assert_eq!(names, ["v1_configmap_b.yaml", "v1_namespace_web.yaml"]);
    assert_eq!(cli.run(&["kustomize", app, "-o", ""]).succeeded(), wanted);
    let labelled = cli.run(&["kustomize", app, "--enable-managedby-label"]);
    let label = "  labels:\n    app.kubernetes.io/managed-by: kustomize-v5.8.1\n";
    assert_eq!(labelled.succeeded().matches(label).count(), 2, "{}", labelled.out);
    for (words, said) in [
        (
            &["--load-restrictor=x"][..],
            "illegal flag value --load-restrictor x; legal values: [LoadRestrictionsRootOnly LoadRestrictionsNone]",
        ),
        (&["--reorder=x"], "illegal flag value --reorder x; legal values: [legacy none]"),
        (&["other"], "specify one path to kustomization.yaml"),
        (&["other", "--reorder=x"], "specify one path to kustomization.yaml"),
    ] {
        let wrong = cli.run(&[&["kustomize", app], words].concat());
        let told: Vec<&str> =
            wrong.failed().lines().filter(|line| !line.starts_with("Flag --reorder ")).collect();
        assert_eq!(told, [format!("✗ {said}")], "{words:?}");
    }
    assert_eq!(
        cli.run(&["kustomize", ""]).failed(),
        "✗ must build at directory: directory path cannot be empty\n"
    );
    let missing = cli.run(&["kustomize", home.join("nothing").to_str().unwrap()]);
    assert_eq!(missing.code, 1);
    assert!(missing.err.contains("nothing"), "{}", missing.err);
}

#[test]
fn flags_for_other_programs_are_refused() {
    let cli = Cli::new();
    std::fs::write(cli.home.path().join("kustomization.yaml"), "resources: [all.yaml]\n").unwrap();
    std::fs::write(cli.home.path().join("all.yaml"), ALL).unwrap();
    for (words, name) in [
        ("--enable-helm", "enable-helm"),
        ("--enable-alpha-plugins=true", "enable-alpha-plugins"),
        ("--enable-exec", "enable-exec"),
        ("--network", "network"),
        ("--network-name=host", "network-name"),
        ("--mount=type=bind", "mount"),
        ("-eA=b", "env"),
        ("--as-current-user", "as-current-user"),
        ("--helm-command=helm3", "helm-command"),
        ("--helm-api-versions=v1", "helm-api-versions"),
        ("--helm-kube-version=1.30", "helm-kube-version"),
        ("--helm-debug", "helm-debug"),
    ] {
        let output = cli.run(&["kustomize", words]);
        let said = format!("✗ --{name} is not supported: a build starts no other program\nhint: ");
        assert!(output.failed().starts_with(&said), "{words}: {}", output.err);
    }
    cli.run(&["kustomize", "--enable-helm=false", "--network=false"]).succeeded();
}

#[test]
fn deprecated_fields_are_told_as_kustomize_tells_them() {
    let cli = Cli::new();
    let home = cli.home.path().to_owned();
    let write = |path: &str, text: &str| {
        let path = home.join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    };
    let line = |old: &str, new: &str| {
        format!(
            "# Warning: '{old}' is deprecated. Please use '{new}' instead. \
             Run 'kustomize edit fix' to update your Kustomization automatically.\n"
        )
    };
    write("base/all.yaml", ALL);
    // An empty field was written, a null was not.
    write("base/kustomization.yaml", "resources: [all.yaml]\ncommonLabels: {}\nbases: null\n");
    write(
        "app/kustomization.yaml",
        "BASES: [../base]\nimageTags: []\npatchesJson6902: []\npatchesStrategicMerge: []\n",
    );
    let wanted = [
        line("bases", "resources"),
        line("imageTags", "images"),
        line("patchesJson6902", "patches"),
        line("patchesStrategicMerge", "patches"),
        line("commonLabels", "labels"),
    ];
    let output = cli.run(&["kustomize", "app"]);
    assert_eq!((output.code, output.err.as_str()), (0, wanted.concat().as_str()));
    assert_eq!(output.out, cli.run(&["kustomize", "base"]).out);
    // They come before a failure, and the Flux CLI tells them of a folder with manifests, too.
    write("empty/kustomization.yaml", "bases: []\n");
    let output = cli.run(&["kustomize", "empty"]);
    assert!(output.failed().starts_with(&format!("{}✗ ", wanted[0])), "{}", output.err);
    let output = cli.run(&["install", "--export", "--manifests", "base"]);
    assert_eq!((output.code, output.err.as_str()), (0, wanted[4].as_str()));
    // Flags as well.
    let flags = "Flag --reorder has been deprecated, use the new 'sortOptions' field in kustomization.yaml instead.\n\
        Flag --enable-managedby-label has been deprecated, The flag `enable-managedby-label` has been deprecated. \
        Use the `managedByLabel` option in the `buildMetadata` field instead.\n";
    let output = cli.run(&["kustomize", "base", "--reorder=legacy", "--enable-managedby-label=false"]);
    assert_eq!((output.code, output.err), (0, format!("{flags}{}", wanted[4])));
}

#[test]
fn a_file_of_windows_with_several_documents_is_refused() {
    let wide: Vec<u8> = format!("\u{feff}{ALL}").encode_utf16().flat_map(u16::to_le_bytes).collect();
    let files = [("kustomization.yaml", b"resources: [all.yaml]\n".to_vec()), ("all.yaml", wide)];
    let files = files.map(|(path, bytes)| (path.to_owned(), bytes));
    let error = kustomize::build(&Memory(files.into()), "", Options::default()).unwrap_err();
    let error = format!("{error:#}");
    assert!(error.contains("\"all.yaml\"") && error.contains("UTF-16"), "{error}");
}

#[test]
fn install_takes_the_manifests_of_a_folder_as_they_are() {
    let cli = Cli::new();
    let app = cli.home.path().join("app");
    std::fs::create_dir_all(&app).unwrap();
    std::fs::write(app.join("kustomization.yaml"), TWO).unwrap();
    std::fs::write(app.join("all.yaml"), ALL).unwrap();
    let output = cli.run(&["install", "--export", "--manifests", app.to_str().unwrap()]);
    assert_eq!(output.code, 0, "{}", output.err);
    let objects = output.out.lines().skip(4).collect::<Vec<_>>().join("\n");
    assert!(
        objects.starts_with("apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: b\n  namespace: web\n---\n"),
        "{}",
        output.out
    );
}

#[test]
fn a_document_that_would_grow_without_end_is_refused() {
    let mut bomb =
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\na0: &a0 [x, x, x, x, x, x, x, x, x]\n"
            .to_owned();
    for at in 1..12 {
        let nine = vec![format!("*a{}", at - 1); 9].join(", ");
        bomb.push_str(&format!("a{at}: &a{at} [{nine}]\n"));
    }
    let files = [("kustomization.yaml", "resources: [a.yaml]\n"), ("a.yaml", bomb.as_str())];
    let files = files.map(|(path, text)| (path.to_owned(), text.as_bytes().to_vec()));
    let error = kustomize::build(&Memory(files.into()), "", Options::default()).unwrap_err();
    assert!(format!("{error:#}").contains("a.yaml: not valid YAML"), "{error:#}");
}
