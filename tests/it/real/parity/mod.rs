//! The referee: command lines answered by the Flux CLI and by fluxr must be the same to the byte.

mod alive;
mod building;
mod comparing;
mod docker_logins;
mod kubectl;
mod lines;
mod migrating;
mod objects;
mod odd;
pub mod pair;
mod signing;
mod stage;
mod trace_debug;
mod values;
mod waiting;
mod wanted;

use pair::Answers;
use pair::Pair;
use stage::Stage;
use wanted::Wanted;

/// Whether a command of the Flux CLI exists here.
fn exists(path: &str) -> bool {
    let mut root = fluxr::testing::commands::command("flux");
    root.build();
    path.split_whitespace().try_fold(&root, |at, word| at.find_subcommand(word)).is_some()
}

/// Fails with every difference that is not wanted.
#[track_caller]
#[expect(clippy::print_stdout, reason = "the gate shows it")]
fn judge(answers: &[Answers]) {
    let mut wanted = Wanted::read();
    let faults: Vec<String> = answers
        .iter()
        .filter(|one| !one.differ_in().is_empty() && !wanted.allows(one))
        .map(Answers::report)
        .collect();
    let stale = wanted.faults(answers);
    assert!(
        faults.is_empty() && stale.is_empty(),
        "{} of {} lines differ\n{}\n{}",
        faults.len(),
        answers.len(),
        faults.join("\n"),
        stale.join("\n")
    );
    let wanted = answers.iter().filter(|one| !one.differ_in().is_empty()).count();
    println!(
        "{} lines are answered alike, {wanted} more differ as they are meant to",
        answers.len() - wanted
    );
}

#[test]
#[ignore = "needs the testbed"]
fn command_lines_without_a_cluster_are_answered_alike() {
    let home = tempfile::tempdir().unwrap();
    signing::write_keys(home.path());
    building::write_folders(home.path());
    let pair = Pair::new(home.path(), None);
    let mut lines = lines::lines(&exists);
    lines.extend(odd::lines());
    lines.extend(odd::key_lines(home.path()));
    // All of them take ten minutes with a debug build. Each commit asks another ninth; EVERY=1 asks all.
    let every = std::env::var("EVERY").map_or(9, |number| number.parse().unwrap());
    let all = lines.len();
    let lines: Vec<_> = lines.into_iter().skip(number_of_this_commit() % every).step_by(every).collect();
    println!("{} of {all} lines are asked", lines.len());
    let answers = pair.ask_all(&lines);
    judge(&answers);
    let alike = answers.iter().filter(|one| one.differ_in().is_empty()).step_by(5);
    let displaced: Vec<String> = alike.flat_map(|one| displaced(&one.line)).collect();
    judge(&pair.ask_all(&displaced));
}

/// Another for each commit, and the same for each run of one.
fn number_of_this_commit() -> usize {
    let asked = std::process::Command::new("git").args(["rev-parse", "HEAD"]).output();
    let commit = asked.map(|asked| String::from_utf8_lossy(&asked.stdout).into_owned()).unwrap_or_default();
    commit.get(..6).and_then(|digits| usize::from_str_radix(digits, 16).ok()).unwrap_or(0)
}

/// The line with its last flag, which has its value, before and behind the first name of the command; none for a line that ends in another word.
fn displaced(line: &str) -> Vec<String> {
    let Some((before, flag)) = line.rsplit_once(' ') else { return Vec::new() };
    let Some((first, rest)) = before.split_once(' ') else { return Vec::new() };
    let is_plain = !before.contains(['\'', '"']) && !before.contains(" -- ") && !flag.contains(['\'', '"']);
    if !is_plain || !flag.starts_with("--") || !flag.contains('=') {
        return Vec::new();
    }
    vec![format!("{flag} {before}"), format!("{first} {flag} {rest}")]
}

/// The words that `get` and `export` know a kind by.
fn paths(group: &str) -> Vec<String> {
    let surface: Vec<serde_json::Value> =
        serde_json::from_str(include_str!("../../data/surface.json")).unwrap();
    let runnable = surface.iter().filter(|command| command["runnable"] == true);
    let paths = runnable.map(|command| command["path"].as_str().unwrap().to_owned());
    paths
        .filter(|path| path.strip_prefix(group).is_some_and(|rest| rest.starts_with(' ')) && exists(path))
        .collect()
}

fn getting() -> Vec<String> {
    let mut lines = Vec::new();
    for path in paths("get") {
        for more in [
            "",
            "app",
            "none",
            "-A",
            "-n other",
            "-n empty",
            "-A -n other",
            "app -n other",
            "--no-header",
            "-A --no-header",
            "-l team=ops",
            "-l team!=ops -A",
            "-l 'rank>5'",
            "-l 'rank>x'",
            "-l 'team in (ops,dev)'",
            "-l team=none",
            "-l 'team in'",
            "--status-selector ready=true",
            "--status-selector Ready=False -A",
            "--status-selector ready!=true",
            "--status-selector stalled=true",
            "--status-selector ready",
            "app broken",
            "-A app",
        ] {
            lines.push(format!("{path} {more}"));
        }
    }
    for kind in ["kustomizations", "helmreleases"] {
        lines.extend(
            ["", "-A", "app", "-A --no-header"].map(|more| format!("get {kind} --show-source {more}")),
        );
    }
    lines
}

fn exporting() -> Vec<String> {
    let mut lines = Vec::new();
    for path in paths("export") {
        for more in [
            "app",
            "zero",
            "full-0",
            "full-1",
            "empty-0",
            "empty-1",
            "bare",
            "none",
            "--all",
            "--all -n other",
            "--all -n empty",
            "app other",
            "-A --all",
        ] {
            lines.push(format!("{path} {more}"));
        }
        if path.starts_with("export source") {
            lines.extend(["app", "--all"].map(|more| format!("{path} --with-credentials {more}")));
        }
    }
    lines
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs the testbed"]
async fn what_is_read_from_a_cluster_is_shown_alike() {
    let stage = Stage::new().await;
    stage.fill("flux-system").await;
    stage.fill("other").await;
    let pair = Pair::new(stage.folder.path(), Some(&stage.cluster.kubeconfig()));
    let mut lines = [getting(), exporting()].concat();
    for about in [
        "Kustomization",
        "kustomization/app",
        "HelmRelease/app",
        "Alert/app",
        "ImagePolicy/app",
        "HelmChart/app",
        "GitRepository/app",
        "ArtifactGenerator/app",
        "Kustomization/none",
        "GitRepository/none",
        "ExternalArtifact/app",
        "Pod/app",
        "/app",
        "Receiver",
        "a/b/c",
    ] {
        lines.extend(["", " -A", " -n other"].map(|more| format!("events --for {about}{more}")));
    }
    for output in ["", "-o json", "-o yaml", "-o other"] {
        for more in ["app", "app --compact", "none", "fresh", "full-0", "broken", ""] {
            lines.push(format!("tree kustomization {more} {output}"));
            lines.push(format!("tree artifact generator {more} {output}"));
        }
    }
    lines.extend(
        [
            "events",
            "events -A",
            "events -n other",
            "events -n empty",
            "events --types Warning",
            "events --types normal -A",
            "events --types Bad",
            "events a b",
            "stats",
            "stats -A",
            "stats -n other",
            "stats -n empty",
            "stats x",
            "check",
            "check -n other",
            "check --components=source-controller",
            "check --pre",
            "version",
            "version -o json",
            "version -o yaml",
            "uninstall --dry-run",
            "uninstall --dry-run -n other",
            "uninstall --dry-run -n nowhere",
            "echo n | uninstall",
            "echo yes | uninstall -n other",
            "uninstall --dry-run --keep-namespace",
            "install --dry-run",
        ]
        .map(str::to_owned),
    );
    judge(&pair.ask_all(&lines));
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs the testbed"]
async fn what_is_behind_an_object_is_shown_alike() {
    let stage = Stage::new().await;
    stage.fill("flux-system").await;
    trace_debug::fill(&stage, "flux-system").await;
    trace_debug::fill(&stage, "other").await;
    let pair = Pair::new(stage.folder.path(), Some(&stage.cluster.kubeconfig()));
    judge(&pair.ask_all(&trace_debug::lines()));
}

/// A line for one namespace becomes that of the other, which has a name of the same length.
fn elsewhere(text: &str) -> String {
    text.replace("team-a", "team-b")
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs the testbed"]
async fn what_is_changed_in_a_cluster_is_changed_alike() {
    let stage = Stage::new().await;
    stage.fill("team-a").await;
    stage.fill("team-b").await;
    objects::write_values(stage.folder.path());
    let pair = Pair::new(stage.folder.path(), Some(&stage.cluster.kubeconfig()));
    let mut answers = Vec::new();
    let mut faults = Vec::new();
    for line in changes() {
        let (flux, mut fluxr) = pair.ask_apart(&line, &elsewhere(&line));
        for text in [&mut fluxr.out, &mut fluxr.err] {
            *text = text.replace("team-b", "team-a");
        }
        answers.push(Answers { line: line.clone(), flux, fluxr });
        let (theirs, ours) = (stage.held("team-a").await, stage.held("team-b").await);
        for (name, theirs) in &theirs {
            let ours = ours.get(name).map(|object| elsewhere(&object.to_string()));
            if ours.as_deref() != Some(elsewhere(&theirs.to_string()).as_str()) {
                faults.push(format!("flux {line}\n  {name}: {theirs}\n  here {ours:?}"));
            }
        }
        if ours.len() != theirs.len() {
            faults.push(format!("flux {line}\n  {} objects, here {}", theirs.len(), ours.len()));
        }
        if faults.len() > 20 {
            break;
        }
    }
    judge(&answers);
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

/// Lines that change objects, in an order that makes sense: nothing reconciles here, so that what waits runs into its limit.
fn changes() -> Vec<String> {
    let mut lines = Vec::new();
    for path in paths("suspend") {
        let kind = path.strip_prefix("suspend").unwrap();
        for more in
            ["app", "none", "paused", "app broken", "--all", "fresh none", "fresh --all", "none --all"]
        {
            lines.push(format!("suspend{kind} {more} -n team-a"));
        }
        let waits = exists(&format!("reconcile{kind}"));
        let limit = if waits { " --timeout=1s" } else { "" };
        lines.push(format!("resume{kind} none -n team-a{limit}"));
        lines.push(format!("resume{kind} app -n team-a{limit}"));
        lines.push(format!("resume{kind} app -n team-a{limit}"));
        if exists(&format!("reconcile{kind}")) {
            lines.push(format!("reconcile{kind} none -n team-a"));
            lines.push(format!("reconcile{kind} paused -n team-a"));
            lines.push(format!("reconcile{kind} app -n team-a --timeout=1s"));
        }
        lines.push(format!("resume{kind} app broken --all -n team-a{limit}"));
        lines.push(format!("resume{kind} --all -n team-a{limit}"));
        lines.extend(["suspend", "resume"].map(|verb| format!("{verb}{kind} --all -n empty")));
    }
    for path in paths("delete") {
        for answer in ["n", "yes", "", "Y"] {
            lines.push(format!("echo {answer} | {path} fresh -n team-a"));
        }
        for more in ["app", "none", "-s none", "--silent app", "broken fresh -s"] {
            lines.push(format!("{path} {more} -n team-a"));
        }
    }
    lines.extend(
        [
            "create source git new --url=https://git.example.com/a --branch=main --label=a=b --timeout=1s",
            "create source git new --url=https://git.example.com/b --tag=v1 --interval=2m --timeout=1s",
            "create source git plain --url=http://git.example.com/a --branch=main --timeout=1s",
            "create source git plain --url=http://git.example.com/a --branch=main --username=ada --password=hunter22 --timeout=1s",
            "create kustomization new --source=new --path=./a --prune --label=a=b --timeout=1s",
            "create kustomization new --source=OCIRepository/new --path=./b --timeout=1s",
            "create source bucket new --bucket-name=a --endpoint=s3.example.com --access-key=ada --secret-key=hunter22 --label=a=b --timeout=1s",
            "create source bucket new --bucket-name=a --endpoint=s3.example.com --timeout=1s",
            "create source helm new --url=https://charts.example.com --username=ada --password=hunter22 --pass-credentials --timeout=1s",
            "create source helm registry --url=oci://ghcr.io/acme/charts --label=a=b --timeout=1s",
            "create source helm registry --url=oci://ghcr.io/acme/charts --secret-ref=login --pass-credentials --timeout=1s",
            "create source helm half --url=oci://ghcr.io/acme/charts --username=ada",
            "create source helm half --url=oci://ghcr.io/acme/charts --password=hunter22",
            "create source chart new --source=HelmRepository/new --chart=web --timeout=1s",
            "create source chart new --source=GitRepository/new --chart=./web --label=a=b --timeout=1s",
            "create source oci new --url=oci://ghcr.io/acme/app --tag=latest --timeout=1s",
            "create source oci wrong --url=https://ghcr.io/acme/app --tag=latest --timeout=1s",
            "create helmrelease new --source=HelmRepository/new --chart=web --values=values.yaml --label=a=b --timeout=1s",
            "create helmrelease new --chart-ref=OCIRepository/new --values-from=Secret/new --timeout=1s",
            "create helmrelease wrong --chart=web --timeout=1s",
            "create alert-provider new --type=slack --channel=general --label=a=b",
            "create alert-provider new --type=generic --address=https://example.com/hook --secret-ref=token",
            "create alert-provider wrong --type=pigeon",
            "create alert new --provider-ref=new --event-source=Kustomization/*,HelmRelease/web.apps --event-severity=error",
            "create alert new --provider-ref=new --event-source=GitRepository/new --label=a=b",
            "create alert wrong --provider-ref=new --event-source=Pod/new",
            "create receiver new --type=github --event=ping --secret-ref=token --resource=GitRepository/new --timeout=1s",
            "create receiver wrong --type=github --secret-ref=token --resource=Pod/new --timeout=1s",
            "create image repository new --image=ghcr.io/acme/app --timeout=1s",
            "create image repository new --image=ghcr.io/acme/app --interval=5m --label=a=b --timeout=1s",
            "create image policy new --image-ref=new --select-semver=1.x --timeout=1s",
            "create image policy new --image-ref=new --select-semver=1.x --timeout=1s",
            "create image update new --git-repo-ref=new --checkout-branch=main --author-name=ada --author-email=a@b --git-repo-path=./a --timeout=1s",
            "create image update new --git-repo-ref=new --checkout-branch=main --author-name=ada --author-email=a@b --git-repo-path=./a --timeout=1s",
            "create image update new --git-repo-ref=new --checkout-branch=main --author-name=ada --author-email=a@b --timeout=1s",
            "create tenant team --with-namespace=team-a --label=a=b",
            "create tenant team --with-namespace=team-a --label=a=c",
            "create tenant team --with-namespace=team-a --skip-namespace --with-service-account=other",
            "create tenant team --with-namespace=team-a --skip-namespace --with-service-account=other",
            "create secret git login --url=https://git.example.com/a --username=ada --password=hunter22",
            "create secret git login --url=https://git.example.com/a --bearer-token=hunter22 --label=a=b",
        ]
        .map(|line| format!("{line} -n team-a")),
    );
    lines
}
