//! Looking back: who changed what through which request, what was edited by hand, and what refers to what.

use super::stage::Stage;

fn map(name: &str, colour: &str) -> String {
    format!(
        "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {name}\n  namespace: default\ndata:\n  colour: {colour}\n"
    )
}

#[test]
#[ignore = "needs the testbed"]
fn history_tells_who_did_what_and_drift_what_was_done_by_hand() {
    let stage = Stage::new();
    stage.chapter("an application from a repository");
    stage.forge.create_public_repository("ada/app").unwrap();
    let commit = |file: &str, text: Option<&str>, message: &str| {
        stage.forge.commit("ada/app", "main", &[(file, text)], message).unwrap()
    };
    commit("deploy/other.yaml", Some(&map("other", "green")), "Begin");
    let first = commit("deploy/map.yaml", Some(&map("app", "red")), "Make it red (#7)");
    stage.fluxr("install --components=source-controller,kustomize-controller");
    let url = stage.forge.public_url("ada/app");
    stage.fluxr(&format!("create source git app --url={url} --branch=main --interval=1h"));
    stage.fluxr("create kustomization app --source=app --path=./deploy --prune=true --interval=1h");
    let said = stage.fluxr("drift ks/app");
    assert!(said.ends_with(&format!(" at main@sha1:{}: 2 as in Git\n", &first[..8])), "{said}");

    stage.chapter("a change, and a broken one");
    let second = commit(
        "deploy/map.yaml",
        Some(&map("app", "blue")),
        "Merge pull request #8 from ada/blue\n\nMake it blue\n",
    );
    stage.fluxr("reconcile kustomization app --with-source");
    let broken = commit("deploy/map.yaml", Some(&map("app", "[blue")), "Break it (#9)");
    stage.fails("reconcile kustomization app --with-source");
    let said = stage
        .fluxr("history ks/app -o custom-columns=R:.revision,S:.status,Q:.commit.request,T:.commit.subject");
    let line = |commit: &str| {
        let found = said.lines().find(|line| line.contains(commit)).unwrap_or_else(|| panic!("{said}"));
        found.split_whitespace().skip(1).collect::<Vec<_>>().join(" ")
    };
    assert_eq!(line(&broken), "BuildFailed #9 Break it (#9)");
    assert_eq!(line(&second), "ReconciliationSucceeded #8 Make it blue");
    assert_eq!(line(&first), "ReconciliationSucceeded #7 Make it red (#7)");
    assert!(stage.fluxr("graph").contains("✗ Kustomization/flux-system/app: BuildFailed: "));

    stage.chapter("an edit and a deletion by hand");
    stage.kubectl(
        "-n default patch configmap app --type=merge -p {\"data\":{\"colour\":\"black\",\"size\":\"1\"}}",
    );
    stage.kubectl("-n default delete configmap other");
    // The broken commit is not applied: it does not count.
    let said = stage.fails("drift ks/app");
    assert!(said.contains(&format!("at main@sha1:{}: 1 drifted, 1 missing\n", &second[..8])), "{said}");
    assert!(said.contains("    /data/colour: \"black\", in Git \"blue\" (kubectl-patch at 20"), "{said}");
    assert!(said.contains("► ConfigMap/default/other missing\n"), "{said}");

    stage.chapter("repaired and healed");
    commit("deploy/map.yaml", Some(&map("app", "white")), "Repair it");
    stage.fluxr("reconcile kustomization app --with-source");
    assert!(stage.fluxr("drift --all").ends_with(": 2 as in Git\n"));
    assert!(stage.fluxr("graph ks/app").contains("└── ✔ Kustomization/flux-system/app: main@sha1:"));
}

#[test]
#[ignore = "needs the testbed"]
fn what_source_controller_leaves_out_is_neither_applied_nor_missing() {
    let stage = Stage::new();
    stage.chapter("a repository with links and ignore files");
    stage.forge.create_public_repository("ada/app").unwrap();
    let maps =
        ["plain", "draft", "kept", "note", "yes", "skipped", "cloud", "behind"].map(|name| map(name, "red"));
    let [plain, draft, kept, note, yes, skipped, cloud, behind] =
        maps.each_ref().map(|text| Some(text.as_str()));
    let files = [
        (".sourceignore", Some("# not yet\n*.draft.yaml\n/empty/*\n/gone\n")),
        ("deploy/plain.yaml", plain),
        ("deploy/a.draft.yaml", draft),
        ("deploy/kept.draft.yaml", kept),
        ("deploy/sub/.sourceignore", Some("/note.yaml\n")),
        ("deploy/sub/note.yaml", note),
        ("deploy/sub/yes.yaml", yes),
        ("deploy/skipped.yaml", skipped),
        ("deploy/cloudbuild.yaml", cloud),
        ("elsewhere/behind.yaml", behind),
        ("empty/a.yaml", draft),
        ("gone/a.yaml", draft),
    ];
    stage.forge.commit("ada/app", "main", &files, "Begin").unwrap();
    let work = tempfile::tempdir().unwrap();
    let git = |arguments: &[&str]| crate::bootstrap::world::git(work.path(), arguments).unwrap();
    let bare = stage.forge.repository_path("ada/app");
    git(&["clone", "--quiet", "--branch=main", bare.to_str().unwrap(), "."]);
    std::os::unix::fs::symlink("../elsewhere/behind.yaml", work.path().join("deploy/behind.yaml")).unwrap();
    std::os::unix::fs::symlink("deploy", work.path().join("linked")).unwrap();
    git(&["add", "--all"]);
    git(&["commit", "--quiet", "--message", "links"]);
    git(&["push", "--quiet", "origin", "HEAD:main"]);

    stage.chapter("what is applied");
    stage.fluxr("install --components=source-controller,kustomize-controller");
    let url = stage.forge.public_url("ada/app");
    let ignored = "--ignore-paths=/deploy/skipped.yaml,!kept.draft.yaml";
    stage.fluxr(&format!("create source git app --url={url} --branch=main --interval=1h {ignored}"));
    stage.fluxr("create kustomization app --source=app --path=./deploy --prune=true --interval=1h");
    stage.fluxr("create kustomization empty --source=app --path=./empty --prune=true --interval=1h");
    let applied = stage.kubectl("-n default get configmap -o name");
    let names: Vec<&str> = applied.split_whitespace().filter(|name| !name.contains("kube-root-ca")).collect();
    assert_eq!(names, ["configmap/cloud", "configmap/kept", "configmap/plain", "configmap/yes"]);

    stage.chapter("the same as drift sees it");
    let said = stage.fluxr("drift ks/app");
    assert!(said.ends_with(": 4 as in Git\n"), "{said}");
    stage.fluxr("drift ks/empty");

    stage.chapter("folders that are not there");
    for folder in ["gone", "linked"] {
        let line = format!(
            "create kustomization {folder} --source=app --path=./{folder} --interval=1h --timeout=5s"
        );
        let said = stage.fails(&line);
        assert!(said.contains("kustomization path not found") || said.contains("no such file"), "{said}");
    }
}
