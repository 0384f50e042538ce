//! Objects in the formats of `kubectl`: the same bytes from both, of the same objects on the same server.

use super::stage::Stage;
use crate::support::Cli;
use fluxr::testing::kind::KINDS;

/// Formats that `kubectl` knows as well.
const FORMATS: [&str; 23] = [
    "json",
    "yaml",
    "name",
    "jsonpath={.items[*].metadata.name}",
    "jsonpath={.metadata.name}{\"\\n\"}",
    "jsonpath={range .items[*]}{.metadata.namespace}/{.metadata.name}{\"\\t\"}{.spec}{\"\\n\"}{end}",
    "jsonpath={range .items[*]}{.metadata.name}{range .status.conditions[*]} {.type}={.status}{end}\n{end}end",
    "jsonpath={.items[?(@.metadata.name==\"app\")].status.conditions[0].message}",
    "jsonpath={.items[?(@.metadata.generation>=1)].metadata.name}",
    "jsonpath={.items[?(@.status)].metadata.name}",
    "jsonpath={.items[0:2].metadata.labels.team} {.items[-1:].metadata['name','namespace']}",
    "jsonpath={..metadata.name}",
    "jsonpath={.kind} {.items[*].metadata.labels} text {'quoted\\t'}{.none}",
    "custom-columns=NAME:.metadata.name,TEAM:.metadata.labels.team,GENERATION:metadata.generation,ALL:{.spec}",
    "custom-columns=CONDITIONS:.status.conditions[*].type,LABELS:.metadata.labels",
    "jsonpath-as-json={.items[*].metadata.name}",
    "jsonpath-as-json={.metadata.labels}",
    "jsonpath-as-json={.items[*].spec} & {.kind}{\"<\"}",
    "jsonpath-as-json={range .items[*]}{.metadata.name}{.status.conditions[*].type}{end}{.none}",
    "jsonpath-as-json={..generation}",
    "jsonpath-file=template",
    "custom-columns-file=columns",
    "custom-columns-file=single",
];

/// The files that the formats name.
const FILES: [(&str, &str); 6] = [
    ("template", "{range .items[*]}{.metadata.name}\t{.spec.interval}{\"\\n\"}{end}\n{.kind}\n"),
    ("columns", "NAME   TEAM\tALL\n metadata.name .metadata.labels.team {.spec}\nwhat follows\n"),
    ("single", "KIND\r\n.kind"),
    ("empty", ""),
    ("headers", "NAME TEAM\n"),
    ("uneven", "NAME TEAM\n.metadata.name\n"),
];

/// Templates that `kubectl` refuses, or that do not fit.
const WRONG: [&str; 16] = [
    "jsonpath={.items[9999].metadata.name}",
    "jsonpath={.items",
    "jsonpath={end}",
    "jsonpath={.kind[0]}",
    "jsonpath",
    "custom-columns=NAME",
    "custom-columns=",
    "unheard-of",
    "jsonpath-as-json=",
    "jsonpath-as-json={.items[9999].metadata.name}",
    "jsonpath-file=",
    "jsonpath-file=none",
    "custom-columns-file=none",
    "custom-columns-file=empty",
    "custom-columns-file=headers",
    "custom-columns-file=uneven",
];

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs the testbed"]
async fn objects_are_written_as_kubectl_writes_them() {
    let stage = Stage::new().await;
    stage.fill("flux-system").await;
    stage.fill("other").await;
    let kubeconfig = stage.cluster.kubeconfig();
    let cli = Cli::new().env("KUBECONFIG", kubeconfig.to_str().unwrap());
    for (name, text) in FILES {
        std::fs::write(cli.home.path().join(name), text).unwrap();
    }
    let kubectl = |line: &[&str]| {
        let mut command = cli.tool("kubectl");
        let output = command.args(line).output().unwrap();
        (String::from_utf8(output.stdout).unwrap(), output.status.code().unwrap_or(-1))
    };
    let mut faults = Vec::new();
    let mut compared = 0;
    for kind in KINDS {
        let resource = kind.crd_name();
        for (more, ours) in [
            (vec!["-n", "flux-system"], vec![]),
            (vec!["-n", "flux-system", "app"], vec!["app"]),
            (vec!["-A", "-l", "team=ops"], vec!["-A", "-l", "team=ops"]),
            (vec!["-n", "empty"], vec!["-n", "empty"]),
            (
                vec!["-n", "other", "--sort-by=.metadata.name"],
                vec!["-n", "other", "--sort-by=.metadata.name"],
            ),
        ] {
            for (at, format) in FORMATS.into_iter().enumerate() {
                // Templates know nothing of kinds.
                if at >= 3 && !["Kustomization", "HelmRelease", "Alert"].contains(&kind.kind) {
                    continue;
                }
                let theirs = kubectl(&[&["get", &resource], more.as_slice(), &["-o", format]].concat());
                let line: Vec<&str> = [&["get"], kind.noun.many, ours.as_slice(), &["-o", format]].concat();
                let said = cli.run(&line);
                compared += 1;
                if theirs.0 != said.out || theirs.1 != said.code {
                    faults.push(format!(
                        "{line:?}\n--- kubectl {}\n{}\n--- here {}\n{}{}",
                        theirs.1, theirs.0, said.code, said.out, said.err
                    ));
                }
            }
        }
    }
    for format in WRONG {
        let theirs = kubectl(&[
            "get",
            "kustomizations.kustomize.toolkit.fluxcd.io",
            "-n",
            "flux-system",
            "-o",
            format,
        ]);
        let said = cli.run(&["get", "kustomizations", "-o", format]);
        assert_eq!((theirs.1, said.code), (1, 1), "{format}: {said:?}");
        assert_eq!(said.err.lines().count(), 1, "{format}: {}", said.err);
    }
    let events = kubectl(&[
        "get",
        "events",
        "-n",
        "flux-system",
        "--sort-by=.metadata.name",
        "-o",
        "json",
        "--field-selector=involvedObject.kind=Kustomization",
    ]);
    let said = cli.run(&["events", "--for", "Kustomization", "--sort-by=.metadata.name", "-o", "json"]);
    assert_eq!(said.out, events.0);
    assert!(compared > 400, "only {compared} lines were compared");
    let shown = faults.iter().take(5).cloned().collect::<Vec<_>>().join("\n");
    assert!(faults.is_empty(), "{} of {compared} differ\n{shown}", faults.len());
}
