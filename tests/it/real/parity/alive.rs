//! Both programs beside running controllers: each works in a namespace of its own, and what they say must be the same.

use super::elsewhere;
use super::judge;
use super::objects;
use super::pair::Answers;
use super::pair::Pair;
use crate::real::charts::Charts;
use crate::real::charts::web;
use regex::Regex;
use testbed::Cluster;
use testbed::Forge;

const REPOSITORY: &str = "ada/app";

/// The lines in an order that makes sense; `{url}` is the repository, `{ssh}` where it is served over SSH, `{charts}` a chart repository.
const LINES: &[&str] = &[
    "create source git app --url={url} --branch=main --interval=1h",
    "create source git app --url={url} --branch=main --interval=2h --label=team=ops",
    "create source git wrong --url={url} --branch=nope --interval=1h --timeout=20s",
    "create source git exported --url={url} --branch=main --export",
    "create source helm charts --url={charts} --interval=1h",
    "create source helm charts --url={charts} --interval=2h --username=ada --password=hunter22 --label=team=ops",
    "create source helm nowhere --url={charts}/nowhere --interval=1h --timeout=20s",
    "create source helm registry --url=oci://127.0.0.1:1/charts --interval=1h",
    "create source chart web --source=HelmRepository/charts --chart=web --interval=1h",
    "create source chart web --source=HelmRepository/charts --chart=web --chart-version=1.x --interval=1h --label=team=ops",
    "create source chart wrong --source=HelmRepository/charts --chart=nope --interval=1h --timeout=20s",
    "create helmrelease web --source=HelmRepository/charts --chart=web --interval=1h --values=values.yaml",
    "create helmrelease web --chart-ref=HelmChart/web --interval=1h --values=values.yaml --depends-on=web-none --timeout=20s",
    "create helmrelease web --chart-ref=HelmChart/web --interval=1h --values=values.yaml,more.yaml --label=team=ops",
    "create alert-provider hook --type=generic --address=http://127.0.0.1:1/hook",
    "create alert-provider hook --type=generic --address=http://127.0.0.1:1/other --label=team=ops",
    "create alert all --provider-ref=hook --event-source=Kustomization/*,HelmRelease/web",
    "create alert all --provider-ref=hook --event-source=GitRepository/* --event-severity=error",
    "create receiver hook --type=generic --secret-ref=token --resource=GitRepository/app",
    "create receiver hook --type=github --event=ping --secret-ref=token --resource=GitRepository/app,HelmRelease/web",
    "create receiver wrong --type=generic --secret-ref=none --resource=GitRepository/app --timeout=20s",
    "get sources helm charts",
    "get sources chart",
    "get helmreleases",
    "get alert-providers",
    "get alerts",
    "create kustomization app --source=app --path=./deploy --prune --interval=1h",
    "create kustomization bare --source=app --path=./deploy/more --interval=1h --depends-on=app --wait",
    "create secret git key --url={ssh} --private-key-file=key",
    "create secret git key --url={ssh} --private-key-file=key --export",
    "create source git over-ssh --url={ssh} --branch=main --private-key-file=key --silent --timeout=1s",
    "delete source git over-ssh --silent",
    "get sources git",
    "get sources git app",
    "get kustomizations",
    "get kustomizations --status-selector ready=true",
    "get kustomizations --status-selector ready=false",
    "get all",
    "reconcile source git app",
    "reconcile source git wrong --timeout=20s",
    "reconcile kustomization app",
    "reconcile kustomization app --with-source",
    "reconcile kustomization none",
    "suspend kustomization app",
    "reconcile kustomization app",
    "get kustomizations app",
    "resume kustomization app",
    "suspend source git app",
    "reconcile kustomization app --with-source",
    "resume source git app",
    "suspend kustomization --all",
    "get kustomizations --status-selector ready=true",
    "resume kustomization app bare",
    "export source git app",
    "export kustomization app",
    "tree kustomization app",
    "tree kustomization app -o json",
    "trace configmap app-config",
    "trace configmap more-config",
    "debug kustomization app --show-vars",
    "stats",
    // Its message names a folder that is another one every time, so that no table can be compared after it.
    "create kustomization missing --source=app --path=./none --interval=1h --timeout=20s",
    "reconcile kustomization missing --timeout=20s",
    "reconcile kustomization missing --with-source --timeout=20s",
    "delete kustomization bare --silent",
    "delete kustomization app --silent",
    "delete source git app --silent",
    "get kustomizations bare",
];

fn config_map(name: &str) -> String {
    format!("apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {name}\ndata:\n  a: b\n")
}

/// Without the moments, the names of temporary folders and the paths of webhooks, which differ from run to run.
fn timeless(text: &str) -> String {
    let moment = Regex::new(r"\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d(\.\d+)?(Z| \+0000 UTC)").unwrap();
    let folder = Regex::new(r"/kustomization-\d+/").unwrap();
    let hook = Regex::new(r"/hook/[0-9a-f]{64}").unwrap();
    let text = moment.replace_all(text, "<moment>");
    hook.replace_all(&folder.replace_all(&text, "/<folder>/"), "/hook/<path>").into_owned()
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs the testbed"]
async fn what_controllers_answer_is_shown_alike() {
    let folder = tempfile::tempdir().unwrap();
    let cluster = Cluster::start(&folder.path().join("cluster")).unwrap();
    let forge = Forge::start(&folder.path().join("forge")).unwrap();
    forge.create_public_repository(REPOSITORY).unwrap();
    let (app, more) = (config_map("app-config"), config_map("more-config"));
    let files = [
        ("deploy/kustomization.yaml", Some("resources: [app.yaml]\n")),
        ("deploy/app.yaml", Some(app.as_str())),
        ("deploy/more/more.yaml", Some(more.as_str())),
    ];
    forge.commit(REPOSITORY, "main", &files, "Begin").unwrap();
    let mut keygen = std::process::Command::new("ssh-keygen");
    keygen.args(["-q", "-t", "ed25519", "-N", "", "-f"]).arg(folder.path().join("key"));
    assert!(keygen.status().unwrap().success());
    let ssh = format!("ssh://git@{}/{REPOSITORY}", forge.ssh_host());
    let charts = Charts::open(&[web("1.2.3")]).url();
    objects::write_values(folder.path());
    let pair = Pair::new(folder.path(), Some(&cluster.kubeconfig()));
    let installed = pair.fluxr("install");
    assert_eq!(installed.code, Some(0), "{}", installed.err);
    for namespace in ["team-a", "team-b"] {
        for line in [
            format!("create namespace {namespace}"),
            format!("create secret generic token --from-literal=token=hunter22 -n {namespace}"),
        ] {
            let mut kubectl = std::process::Command::new("kubectl");
            kubectl.args(line.split(' ')).arg("--kubeconfig").arg(cluster.kubeconfig());
            assert!(kubectl.output().unwrap().status.success(), "{line}");
        }
    }
    let mut answers = Vec::new();
    for line in LINES {
        let line = format!(
            "{} -n team-a",
            line.replace("{url}", &forge.public_url(REPOSITORY))
                .replace("{ssh}", &ssh)
                .replace("{charts}", &charts)
        );
        let line = line.replace("create kustomization", "create kustomization --target-namespace=team-a");
        let (mut flux, mut fluxr) = pair.ask_apart(&line, &elsewhere(&line));
        for text in [&mut flux.out, &mut flux.err, &mut fluxr.out, &mut fluxr.err] {
            *text = timeless(&text.replace("team-b", "team-a"));
        }
        answers.push(Answers { line, flux, fluxr });
    }
    judge(&answers);
    let worked = answers.iter().filter(|one| one.flux.code == Some(0)).count();
    assert!(worked > 43, "only {worked} of the lines have succeeded: {answers:#?}");
}
