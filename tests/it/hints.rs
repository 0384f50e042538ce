//! Hints hold commands that can be pasted as they are.

use crate::floors::sources;
use crate::scenarios::cluster;
use crate::support::Cli;
use regex::Regex;
use std::path::Path;

/// Other programs that hints name, and backquotes that hold no command.
const OTHERS: [&str; 18] = [
    "helm template",
    "kubectl ",
    "ssh-keygen ",
    "openssl ",
    "docker login",
    "echo {registry}",
    "{program} {}",
    // The characters of a name.
    "{allowed}",
    "{text}",
    "{word}",
    "<resource>",
    "sinceTime",
    "sinceDuration",
    "{resume}",
    // A permission of a workflow.
    "id-token: write",
    // kustomize's own sentence about flags and fields.
    "enable-managedby-label",
    "managedByLabel",
    "buildMetadata",
];

#[test]
fn every_command_in_a_message_begins_with_the_name_of_the_program_and_exists() {
    let root = fluxr::testing::commands::command("fluxr");
    let quoted = Regex::new("`([^`]+)`").unwrap();
    let mut files = Vec::new();
    sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut files);
    let mut found = 0;
    // These make commands and pages of Markdown, and no messages.
    let others = ["text/invocation.rs", "cli/pages.rs", "tests.rs"];
    for path in files.iter().filter(|path| !others.iter().any(|other| path.ends_with(other))) {
        let text = std::fs::read_to_string(path).unwrap();
        let code = text.split("#[cfg(test)]").next().unwrap();
        for line in code.lines().filter(|line| !line.trim_start().starts_with("//") && line.contains('"')) {
            for command in quoted.captures_iter(line).map(|found| found[1].to_owned()) {
                if OTHERS.iter().any(|other| command.starts_with(other)) {
                    continue;
                }
                let words: Vec<&str> = command.split(' ').collect();
                let is_known = words[0] == "fluxr"
                    && words.get(1).is_some_and(|word| root.find_subcommand(word).is_some());
                assert!(is_known, "{}: `{command}` is not a command to paste:\n{line}", path.display());
                found += 1;
            }
        }
    }
    assert!(found > 10, "only {found} commands were found");
}

#[test]
fn a_command_names_the_program_as_it_was_called_and_the_same_cluster() {
    let server = cluster();
    let cli = Cli::against(&server).called("flux");
    let config = cli.home.path().join(".kube/config").display().to_string();
    for (flags, hint) in [
        (vec![], "`flux get kustomizations -A` lists what is there".to_owned()),
        (
            vec!["--context=test"],
            "`flux get kustomizations -A --context=test` lists what is there".to_owned(),
        ),
        (
            vec!["--kubeconfig", &config, "--as", "an admin"],
            format!("`flux get kustomizations -A --kubeconfig={config} --as='an admin'` lists what is there"),
        ),
    ] {
        let line: Vec<&str> = ["export", "ks", "none"].into_iter().chain(flags).collect();
        let seen = cli.run(&line);
        assert!(seen.failed().ends_with(&format!("\nhint: {hint}\n")), "{seen:?}");
    }
}

#[test]
fn a_namespace_is_named_where_it_is_not_the_default() {
    let server = cluster();
    let mut object = server.get("Kustomization", "flux-system", "app").unwrap();
    object["metadata"]["namespace"] = "team".into();
    object["spec"]["suspend"] = true.into();
    server.put(object);
    let line = ["reconcile", "ks", "app", "-n", "team"];
    let hint = |cli: Cli| cli.run(&line).failed().lines().last().unwrap().to_owned();
    assert_eq!(hint(Cli::against(&server)), "hint: `fluxr resume kustomization app -n team` resumes it");
    let at_home = Cli::against(&server).env("FLUX_SYSTEM_NAMESPACE", "team");
    assert_eq!(hint(at_home), "hint: `fluxr resume kustomization app` resumes it");
    let follows = Cli::against(&server).env("FLUX_NS_FOLLOWS_KUBE_CONTEXT", "1");
    assert_eq!(hint(follows), "hint: `fluxr resume kustomization app` resumes it");
}
