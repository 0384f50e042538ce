//! The command line against that of the Flux CLI: the same commands, aliases and flags, and a listed set of our own.

use crate::support::VERBS_OF_KINDS;
use crate::support::words_behind;
use clap::Arg;
use clap::ArgAction;
use clap::Command;
use fluxr::testing::api::Kind;
use fluxr::testing::kind::KINDS;
use fluxr::testing::text::Secret;
use serde_json::Value;
use std::any::TypeId;
use std::collections::BTreeSet;

/// Commands of upstream that are answered before the tree is asked.
const BEFORE_THE_TREE: &[&str] = &["__complete", "<plugin>"];

/// Flags that upstream does not have: command and flag.
const OURS: &[(&str, &str)] = &[
    ("bootstrap", "dry-run"),
    ("bootstrap bitbucket-server", "dry-run"),
    ("bootstrap git", "dry-run"),
    ("bootstrap gitea", "dry-run"),
    ("bootstrap github", "dry-run"),
    ("bootstrap gitlab", "dry-run"),
    ("build kustomization", "all"),
    ("diff kustomization", "all"),
    ("diff kustomization", "exit-code"),
    ("diff kustomization", "output"),
    ("tag artifact", "insecure-registry"),
];

/// Flags that upstream does not have on a command and all below it.
const OURS_BELOW: &[(&str, &str)] = &[
    ("", "color"),
    ("bootstrap", "pr-auto-merge"),
    ("bootstrap", "pr-base"),
    ("bootstrap", "pr-body"),
    ("bootstrap", "pr-draft"),
    ("bootstrap", "pr-label"),
    ("bootstrap", "pr-reviewer"),
    ("bootstrap", "pr-title"),
    ("bootstrap", "pr-wait"),
    ("bootstrap", "pull-request"),
    ("check", "output"),
    ("check", "sort-by"),
    ("events", "output"),
    ("events", "sort-by"),
    ("get", "output"),
    ("get", "sort-by"),
    ("list artifacts", "output"),
    ("list artifacts", "sort-by"),
    ("plugin list", "output"),
    ("plugin list", "sort-by"),
    ("plugin search", "output"),
    ("plugin search", "sort-by"),
    ("reconcile", "all"),
    ("reconcile", "all-namespaces"),
    ("reconcile", "label-selector"),
    ("stats", "output"),
    ("stats", "sort-by"),
    ("trace", "output"),
    ("trace", "sort-by"),
    ("create", "manifest-file"),
    ("suspend", "reason"),
    ("suspend", "until"),
];

/// The commands whose changes can go into the repository, and the flags that say so.
const THROUGH_GIT: ([&str; 4], [&str; 16]) = (
    ["create", "delete", "resume", "suspend"],
    [
        "dry-run",
        "fleet-branch",
        "fleet-path",
        "fleet-url",
        "forge",
        "message",
        "pr-auto-merge",
        "pr-base",
        "pr-body",
        "pr-draft",
        "pr-label",
        "pr-reviewer",
        "pr-title",
        "pr-wait",
        "pull-request",
        "push",
    ],
);

/// Commands that upstream does not have, beside those of kinds that it does not have.
const OUR_COMMANDS: &[&str] =
    &["drift", "graph", "history", "kustomize", "promote", "rollback", "set", "set version", "wait", "why"];

/// Flags of upstream that are left out: command and flag.
const LEFT_OUT: &[(&str, &str)] = &[];

/// Whether a flag reads the secret of another one: `--password-file` beside `--password`.
fn is_sibling_of_secret(command: &Command, name: &str) -> bool {
    let of = ["-file", "-stdin"].iter().find_map(|end| name.strip_suffix(end));
    command.get_arguments().any(|arg| {
        arg.get_long().is_some_and(|flag| Some(flag) == of)
            && arg.get_value_parser().type_id() == TypeId::of::<Secret>()
    })
}

fn surface() -> Vec<Value> {
    serde_json::from_str(include_str!("data/surface.json")).unwrap()
}

fn is_below(path: &str, group: &str) -> bool {
    group.is_empty() || path == group || path.strip_prefix(group).is_some_and(|rest| rest.starts_with(' '))
}

fn find<'a>(root: &'a Command, path: &str) -> Option<&'a Command> {
    path.split_whitespace().try_fold(root, |at, word| at.find_subcommand(word))
}

fn built() -> Command {
    let mut root = fluxr::testing::commands::command("flux");
    root.build();
    root
}

/// The default as cobra writes it.
fn default_of(arg: &Arg) -> String {
    let values: Vec<String> =
        arg.get_default_values().iter().map(|value| value.to_string_lossy().into_owned()).collect();
    values.join(",")
}

fn wanted_default(flag: &Value) -> String {
    match &flag["default"] {
        Value::String(text) => text.clone(),
        Value::Array(items) => items.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(","),
        Value::Number(number) => number.as_f64().map_or_else(String::new, |number| number.to_string()),
        Value::Bool(set) => set.to_string(),
        _ => String::new(),
    }
}

/// Defaults that follow from the environment or stand for "nothing given".
fn is_computed(name: &str) -> bool {
    ["cache-dir", "namespace", "version", "help"].contains(&name)
}

fn compare_flag(path: &str, flag: &Value, arg: &Arg, differences: &mut Vec<String>) {
    let name = flag["name"].as_str().unwrap();
    let mut differs = |what: &str, wanted: String, found: String| {
        if wanted != found {
            differences.push(format!("{path} --{name}: {what} is {found:?}, upstream {wanted:?}"));
        }
    };
    differs(
        "shorthand",
        flag["short"].as_str().unwrap_or_default().to_owned(),
        arg.get_short().map(String::from).unwrap_or_default(),
    );
    differs("hidden", (flag["hidden"] == true).to_string(), arg.is_hide_set().to_string());
    if !is_computed(name) {
        // Nothing, an empty list and zero are all "not given".
        let plain = |text: String| {
            if ["false", "0s", "0", "[]"].contains(&text.as_str()) { String::new() } else { text }
        };
        differs("default", plain(wanted_default(flag)), plain(default_of(arg)));
    }
    let is_switch = flag["type"] == "bool";
    differs(
        "switch",
        is_switch.to_string(),
        (arg.get_num_args().is_some_and(|range| range.min_values() == 0)
            || matches!(arg.get_action(), ArgAction::Help | ArgAction::Version | ArgAction::SetTrue))
        .to_string(),
    );
}

#[test]
fn every_command_has_the_flags_of_the_flux_cli() {
    let root = built();
    let mut differences = Vec::new();
    let (mut commands, mut flags) = (0, 0);
    let all = surface();
    let global: BTreeSet<String> = all[0]["flags"]
        .as_array()
        .unwrap()
        .iter()
        .map(|flag| flag["name"].as_str().unwrap().to_owned())
        .collect();
    for command in &all {
        let path = command["path"].as_str().unwrap();
        let Some(found) = find(&root, path) else {
            if !BEFORE_THE_TREE.contains(&path) {
                differences.push(format!("{path}: not there"));
            }
            continue;
        };
        commands += 1;
        for alias in command["aliases"].as_array().unwrap() {
            // One command names itself as its own alias.
            if alias != found.get_name() && !found.get_all_aliases().any(|known| alias == known) {
                differences.push(format!("{path}: alias {alias} is missing"));
            }
        }
        let mut wanted = global.clone();
        for flag in command["flags"].as_array().unwrap() {
            let name = flag["name"].as_str().unwrap();
            wanted.insert(name.to_owned());
            match found.get_arguments().find(|arg| arg.get_long() == Some(name)) {
                Some(arg) => {
                    flags += 1;
                    compare_flag(path, flag, arg, &mut differences);
                }
                None if LEFT_OUT.contains(&(path, name)) => {}
                None => differences.push(format!("{path}: --{name} is missing")),
            }
        }
        for arg in found.get_arguments() {
            let Some(name) = arg.get_long() else { continue };
            let is_ours = OURS.contains(&(path, name))
                || OURS_BELOW.iter().any(|(group, flag)| is_below(path, group) && *flag == name)
                || (THROUGH_GIT.0.iter().any(|group| is_below(path, group)) && THROUGH_GIT.1.contains(&name));
            if !wanted.contains(name) && !is_ours && !is_sibling_of_secret(found, name) {
                differences.push(format!("{path}: --{name} is ours, and not listed as such"));
            }
        }
    }
    assert_eq!(differences, Vec::<String>::new(), "\n{}", differences.join("\n"));
    // The gate shows it.
    println!(
        "{commands} of {} commands of the Flux CLI are there, with all their {flags} flags",
        all.len() - BEFORE_THE_TREE.len()
    );
}

#[test]
fn no_command_is_ours_without_being_known_upstream() {
    let known: BTreeSet<String> =
        surface().iter().map(|command| command["path"].as_str().unwrap().to_owned()).collect();
    let commands_of = |kind: &Kind| {
        let command = |verb: &&str| Some(format!("{verb} {}", words_behind(verb, kind)?));
        VERBS_OF_KINDS.iter().filter_map(command).collect::<Vec<_>>()
    };
    // A kind of which upstream has a single command is one of its kinds.
    let is_ours = |commands: &Vec<String>| commands.iter().all(|command| !known.contains(command));
    let of_our_kinds: Vec<String> =
        KINDS.iter().map(|kind| commands_of(kind)).filter(is_ours).flatten().collect();
    let root = built();
    let mut unknown = Vec::new();
    let mut open = vec![(String::new(), &root)];
    while let Some((path, command)) = open.pop() {
        let is_listed = OUR_COMMANDS.contains(&path.as_str())
            || of_our_kinds.iter().any(|command| is_below(command, &path));
        if !known.contains(&path) && !is_listed {
            unknown.push(path.clone());
        }
        for below in command.get_subcommands() {
            open.push((format!("{path} {}", below.get_name()).trim().to_owned(), below));
        }
    }
    assert_eq!(unknown, Vec::<String>::new());
}

#[test]
fn every_list_flag_is_read_as_csv_and_refused_in_the_words_of_go() {
    let root = built();
    let cli = crate::support::Cli::new().called("flux");
    for command in surface() {
        let path = command["path"].as_str().unwrap();
        if command["runnable"] == false || find(&root, path).is_none() {
            continue;
        }
        for flag in command["flags"].as_array().unwrap().iter().filter(|flag| flag["type"] == "stringSlice") {
            let name = flag["name"].as_str().unwrap();
            let broken = format!("--{name}=a,\"b");
            let words: Vec<&str> = path.split(' ').chain([broken.as_str()]).collect();
            let short = flag["short"].as_str().map(|short| format!("-{short}, ")).unwrap_or_default();
            let said = format!(
                "✗ invalid argument \"a,\\\"b\" for \"{short}--{name}\" flag: \
                 parse error on line 1, column 5: extraneous or missing \" in quoted-field\n"
            );
            let run = cli.run(&words);
            assert_eq!((run.err.as_str(), run.out.as_str()), (said.as_str(), ""), "{path} --{name}");
            assert_eq!(run.code, if path == "diff kustomization" { 2 } else { 1 }, "{path} --{name}");
        }
    }
}
