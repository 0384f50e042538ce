//! Candidates for the shell: names in the cluster for the kind at hand, contexts, namespaces. Bounded in time, silent on failure.
//!
//! The shell calls the program with `COMPLETE=<shell>`; clap_complete walks the command tree. It hands no parsed flags to those who
//! know the candidates, so the flags that choose the cluster are read from the words again.

use super::Context;
use super::Env;
use super::RootArgs;
use super::check;
use super::component_args::LOG_LEVELS;
use super::events;
use super::get;
use super::help;
use super::rows;
use super::stats;
use super::trace;
use crate::api::Kind;
use crate::cluster;
use crate::cluster::BUILT_IN;
use crate::cluster::Selection;
use crate::kind;
use crate::kind::KINDS;
use crate::ops::events::reporting_kind;
use crate::ui::Ui;
use clap::ArgMatches;
use clap::Command;
use clap::FromArgMatches;
use clap_complete::ArgValueCandidates;
use clap_complete::ArgValueCompleter;
use clap_complete::CompletionCandidate;
use futures::future::join_all;
use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::ffi::OsString;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

/// The variable by which the registration scripts ask.
pub(super) const VARIABLE: &str = "COMPLETE";
/// How long a candidate may take.
const LIMIT: Duration = Duration::from_secs(1);
/// What `wait --for` takes.
const CONDITIONS: [&str; 4] = ["ready", "suspended", "deleted", "revision="];

/// Answers the shell, if it is the shell that asks. Costs one look at the environment otherwise.
pub fn complete(arguments: &[OsString], env: &Env) -> Option<ExitCode> {
    env.non_empty(VARIABLE).filter(|shell| *shell != "0")?;
    let program = super::program_name(arguments.first());
    let command = command_word(arguments);
    let said = command.as_deref().and_then(|word| said_before(arguments, program, word, env));
    let line = Arc::new(Line { program, words: flags_of_the_cluster(arguments), said, env: env.clone() });
    let factory = || {
        let alone = command.as_deref().and_then(|word| super::command_alone(program, word));
        with_candidates(alone.unwrap_or_else(|| super::command(program)), &line)
    };
    let answered = clap_complete::CompleteEnv::with_factory(factory)
        .completer(program)
        .try_complete(arguments.iter().cloned(), None);
    Some(if answered.is_ok() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// The command, when the line has come further than it. What precedes `--` is the program itself.
fn command_word(arguments: &[OsString]) -> Option<String> {
    let mut words = arguments.iter().skip_while(|word| *word != "--").skip(2);
    let word = words.next()?.to_str()?.to_owned();
    words.next().map(|_| word)
}

/// What the words before the one at hand mean to the command.
fn said_before(arguments: &[OsString], program: &'static str, word: &str, env: &Env) -> Option<ArgMatches> {
    let words = arguments.iter().skip_while(|word| *word != "--").skip(1);
    // Shells that do not say where the cursor is send the words up to it.
    let cursor = env.get("_CLAP_COMPLETE_INDEX").and_then(|index| index.parse().ok());
    let before = words.clone().take(cursor.unwrap_or(words.count().saturating_sub(1)));
    let command = super::command_alone(program, word)?.ignore_errors(true);
    command.try_get_matches_from(before).ok()?.remove_subcommand().map(|(_, said)| said)
}

/// The command line so far, as far as candidates depend on it.
struct Line {
    program: &'static str,
    words: Vec<String>,
    said: Option<ArgMatches>,
    env: Env,
}

/// The words that choose kubeconfig, context and namespace.
fn flags_of_the_cluster(arguments: &[OsString]) -> Vec<String> {
    const FLAGS: [&str; 4] = ["--namespace", "--context", "--kubeconfig", "-n"];
    let mut kept = Vec::new();
    let mut words = arguments.iter().skip(1).map(|word| word.to_string_lossy().into_owned());
    while let Some(word) = words.next() {
        if FLAGS.contains(&word.as_str()) {
            if let Some(value) = words.next().filter(|value| !value.is_empty()) {
                kept.extend([word, value]);
            }
        } else if FLAGS.iter().take(3).any(|flag| word.starts_with(&format!("{flag}=")))
            || word == "--ns-follows-kube-context"
            || (word.starts_with("-n") && word.len() > 2)
        {
            kept.push(word);
        }
    }
    kept
}

/// Adds to the tree who knows the values.
fn with_candidates(root: Command, line: &Arc<Line>) -> Command {
    let of = |ask: fn(&Line) -> Vec<String>| {
        let line = line.clone();
        ArgValueCandidates::new(move || ask(&line).into_iter().map(CompletionCandidate::new).collect())
    };
    let root = root
        .mut_arg("context", |arg| arg.add(of(contexts)))
        .mut_arg("namespace", |arg| arg.add(of(namespaces)));
    let verbs: Vec<String> = root.get_subcommands().map(|verb| verb.get_name().to_owned()).collect();
    verbs.into_iter().fold(root, |root, verb| {
        root.mut_subcommand(verb.clone(), |command| {
            let command = with_columns(with_values(command, &verb, line), &verb);
            with_names(command, &verb, &mut Vec::new(), line)
        })
    })
}

/// What `--sort-by` takes, as far as it is known without the cluster.
fn with_columns(command: Command, verb: &str) -> Command {
    let columns = match verb {
        "check" => rows::headers(&check::COLUMNS),
        "events" => events::COLUMNS.map(str::to_owned).to_vec(),
        "get" => get::all_columns(),
        "stats" => rows::headers(&stats::COLUMNS),
        "trace" => rows::headers(&trace::COLUMNS),
        _ => return command,
    };
    let words: Vec<String> = columns.iter().map(|column| column.replace(' ', "-")).collect();
    let ask = move || words.iter().map(CompletionCandidate::new).collect();
    command.mut_arg("sort_by", |arg| arg.add(ArgValueCandidates::new(ask)))
}

/// Adds to a command who knows the values of its own flags and words.
fn with_values(command: Command, verb: &str, line: &Arc<Line>) -> Command {
    let by = |ask: fn(&Line, &str) -> Vec<String>| {
        let line = line.clone();
        ArgValueCompleter::new(move |word: &OsStr| {
            let word = word.to_string_lossy();
            beginning_with(&word, ask(&line, &word))
        })
    };
    match verb {
        "logs" => command
            .mut_arg("kind", |arg| {
                arg.add(by(|_, _| KINDS.iter().map(|kind| kind.kind.to_owned()).collect()))
            })
            .mut_arg("level", |arg| arg.add(by(|_, _| LOG_LEVELS.map(str::to_owned).to_vec())))
            .mut_arg("name", |arg| arg.add(by(|line, _| names_in_logs(line)))),
        "events" => command
            .mut_arg("about", |arg| arg.add(by(reporting)))
            .mut_arg("types", |arg| arg.add(by(|_, _| ["Normal", "Warning"].map(str::to_owned).to_vec()))),
        "help" => command.mut_arg("topic", |arg| arg.add(by(topics))),
        "wait" => {
            command.mut_arg("condition", |arg| arg.add(by(|_, _| CONDITIONS.map(str::to_owned).to_vec())))
        }
        "trace" => command
            .mut_arg("words", |arg| arg.add(by(traced)))
            .mut_arg("kind", |arg| arg.add(by(|_, _| kinds_and_versions().map(|(kind, _)| kind).collect())))
            .mut_arg("api_version", |arg| arg.add(by(|line, _| versions(line)))),
        _ => command,
    }
}

/// The commands below those that were typed after `help`.
fn topics(line: &Line, _: &str) -> Vec<String> {
    let words = line.said.as_ref().and_then(|said| said.get_many::<String>("topic"));
    help::below(line.program, &words.into_iter().flatten().cloned().collect::<Vec<_>>())
}

/// The values that continue what is typed. Where they are not names, small letters are as good as capitals.
fn beginning_with(word: &str, values: Vec<String>) -> Vec<CompletionCandidate> {
    let fitting = values.into_iter().filter_map(|value| {
        if value.starts_with(word) {
            return Some(value);
        }
        Some(value.to_lowercase()).filter(|small| small.starts_with(word))
    });
    fitting.map(CompletionCandidate::new).collect()
}

/// Every command of a kind gets the names of that kind.
fn with_names(command: Command, verb: &str, path: &mut Vec<String>, line: &Arc<Line>) -> Command {
    let words = |kind: &Kind| if verb == "get" { kind.noun.many } else { kind.noun.one };
    let found = KINDS.iter().copied().find(|kind| words(kind) == path.as_slice());
    if let Some(kind) = found
        && command.get_arguments().any(|arg| arg.get_id() == "name")
    {
        let line = line.clone();
        let ask = move || names(&line, kind).into_iter().map(CompletionCandidate::new).collect();
        return command.mut_arg("name", |arg| arg.add(ArgValueCandidates::new(ask)));
    }
    if command.get_arguments().any(|arg| arg.get_id() == "object") {
        let line = line.clone();
        let ask = move |word: &OsStr| {
            let word = word.to_string_lossy();
            beginning_with(&word, objects(&line, &word))
        };
        return command.mut_arg("object", |arg| arg.add(ArgValueCompleter::new(ask)));
    }
    let below: Vec<String> = command.get_subcommands().map(|below| below.get_name().to_owned()).collect();
    below.into_iter().fold(command, |command, name| {
        command.mut_subcommand(name.clone(), |below| {
            path.push(name);
            let below = with_names(below, verb, path, line);
            path.pop();
            below
        })
    })
}

impl Line {
    /// What an argument of the command was given before the word at hand.
    fn values(&self, id: &str) -> Vec<String> {
        let given = self.said.as_ref().and_then(|said| said.try_get_many::<String>(id).ok().flatten());
        given.into_iter().flatten().filter(|value| !value.is_empty()).cloned().collect()
    }

    fn context(&self) -> Option<Context> {
        let words = std::iter::once(self.program.to_owned()).chain(self.words.iter().cloned());
        let matches = RootArgs::command(self.program).try_get_matches_from(words).ok()?;
        let global = RootArgs::from_arg_matches(&matches).ok()?.global;
        // Whatever is said while completing would land in the middle of the reader's line.
        let (ui, _) = Ui::for_test(false);
        let mut context = global.clone().into_context(ui, self.env.clone(), self.program);
        super::resolve_namespace(&mut context, &global, true).ok()?;
        Some(context)
    }

    /// Asks the cluster within the time limit; any failure means no candidates.
    fn ask<F: Future<Output = Option<Vec<String>>>>(
        &self,
        question: impl FnOnce(Context, kube::Client) -> F,
    ) -> Vec<String> {
        let Some(context) = self.context() else { return Vec::new() };
        let _ = rustls::crypto::ring::default_provider().install_default();
        let Ok(runtime) = tokio::runtime::Builder::new_current_thread().enable_all().build() else {
            return Vec::new();
        };
        let answer = runtime.block_on(async {
            let asked = async {
                let client = context.client().await.ok()?;
                question(context, client).await
            };
            tokio::time::timeout(LIMIT, asked).await.ok().flatten()
        });
        runtime.shutdown_background();
        answer.unwrap_or_default()
    }
}

fn contexts(line: &Line) -> Vec<String> {
    let kubeconfig = line.context().and_then(|context| context.access.read_kubeconfig().ok().flatten());
    kubeconfig.into_iter().flat_map(|config| config.contexts).map(|context| context.name).collect()
}

fn namespaces(line: &Line) -> Vec<String> {
    line.ask(|_, client| async move {
        let all = kube::Api::<k8s_openapi::api::core::v1::Namespace>::all(client);
        let listed = all.list_metadata(&kube::api::ListParams::default()).await.ok()?;
        Some(listed.items.into_iter().filter_map(|namespace| namespace.metadata.name).collect())
    })
}

/// Kinds, and behind the slash the names of one; names alone where the words before say the kind, as `why` takes it.
fn objects(line: &Line, word: &str) -> Vec<String> {
    let before = line.values("object");
    let before: Vec<&str> = before.iter().map(String::as_str).collect();
    if !word.contains('/')
        && let Some(kind) = kind::by_words(&before)
    {
        return names(line, kind);
    }
    of_kinds(word, KINDS.iter().copied(), |kind| kind::by_word(kind).map(|of| names(line, of)))
}

/// The words of `trace`: objects, or a kind and then names.
fn traced(line: &Line, word: &str) -> Vec<String> {
    let names = |kind: &str| match kind::by_word(kind) {
        Some(ours) => names(line, ours),
        None => names_of_any(line, kind),
    };
    match line.values("words").first().filter(|first| !first.contains('/')) {
        Some(kind) => names(kind),
        None => {
            let mut found = of_kinds(word, KINDS.iter().copied(), |kind| Some(names(kind)));
            if !word.contains('/') {
                found.extend(BUILT_IN.iter().map(|kind| format!("{}/", kind.kind.to_lowercase())));
                let short = BUILT_IN.iter().flat_map(|kind| kind.short).filter(|short| **short == word);
                found.extend(short.map(|short| format!("{short}/")));
            }
            found
        }
    }
}

/// What `events --for` takes: the kinds by their whole names only.
fn reporting(line: &Line, word: &str) -> Vec<String> {
    let kinds = KINDS.iter().copied().filter(|kind| reporting_kind(kind.kind).is_ok());
    let mut found = of_kinds(word, kinds, |kind| reporting_kind(kind).ok().map(|of| names(line, of)));
    found.retain(|one| one.split_once('/').is_some_and(|(kind, _)| kind::by_name(kind).is_some()));
    found
}

/// Kinds with a slash, a short name too where it is what was typed; behind the slash the names of the one kind.
fn of_kinds<'a>(
    word: &str,
    kinds: impl Iterator<Item = &'a Kind>,
    names: impl FnOnce(&str) -> Option<Vec<String>>,
) -> Vec<String> {
    if let Some((kind, _)) = word.split_once('/') {
        return names(kind).into_iter().flatten().map(|name| format!("{kind}/{name}")).collect();
    }
    let offered = kinds.flat_map(|kind| {
        let short = kind.noun.short.iter().filter(|short| **short == word).map(|short| (*short).to_owned());
        short.chain([kind.kind.to_lowercase()])
    });
    offered.map(|kind| format!("{kind}/")).collect()
}

/// Kinds and their API versions, Flux's first.
fn kinds_and_versions() -> impl Iterator<Item = (String, String)> {
    let ours = KINDS.iter().map(|kind| (kind.kind.to_owned(), kind.api_version()));
    ours.chain(BUILT_IN.iter().map(|kind| (kind.kind.to_owned(), kind.api_version())))
}

/// The version of the kind that is said, else all.
fn versions(line: &Line) -> Vec<String> {
    let said = line.values("kind");
    let fits = |kind: &str| said.first().is_none_or(|said| said.eq_ignore_ascii_case(kind));
    let found = kinds_and_versions().filter(|(kind, _)| fits(kind)).map(|(_, version)| version);
    found.collect::<BTreeSet<String>>().into_iter().collect()
}

/// The names of the kind that `logs` is asked for, else of all kinds.
fn names_in_logs(line: &Line) -> Vec<String> {
    let said = line.values("kind");
    let chosen = |kind: &&&Kind| said.first().is_none_or(|said| said.eq_ignore_ascii_case(kind.kind));
    let kinds: Vec<&Kind> = KINDS.iter().filter(chosen).copied().collect();
    line.ask(|context, client| async move {
        let lists = kinds.into_iter().map(|kind| listed(&client, kind, &context.namespace));
        let found: BTreeSet<String> = join_all(lists).await.into_iter().flatten().flatten().collect();
        Some(found.into_iter().collect())
    })
}

/// The names of any kind that the cluster knows; nothing else of the objects is read.
fn names_of_any(line: &Line, word: &str) -> Vec<String> {
    let word = word.to_owned();
    line.ask(|context, client| async move {
        let (resource, namespaced) = cluster::resource_named(&client, &word).await.ok()?;
        let namespace = namespaced.then_some(context.namespace);
        let selection = Selection { namespace, ..Selection::default() };
        let found = selection.api(&client, &resource).list_metadata(&selection.parameters()).await.ok()?;
        Some(found.items.into_iter().filter_map(|object| object.metadata.name).collect())
    })
}

fn names(line: &Line, kind: &'static Kind) -> Vec<String> {
    line.ask(|context, client| async move { listed(&client, kind, &context.namespace).await })
}

async fn listed(client: &kube::Client, kind: &Kind, namespace: &str) -> Option<Vec<String>> {
    let selection = Selection { namespace: Some(namespace.to_owned()), ..Selection::default() };
    let name = |object: serde_json::Value| Some(object.pointer("/metadata/name")?.as_str()?.to_owned());
    let listed = cluster::list_each(client, &kind.api_resource(), &selection, name).await;
    Some(listed.ok()?.0.into_iter().flatten().collect())
}
