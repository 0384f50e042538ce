//! Candidates for the shell: names in the cluster for the kind at hand, contexts, namespaces. Bounded in time, silent on failure.
//!
//! The shell calls the program with `COMPLETE=<shell>`; clap_complete walks the command tree. It hands no parsed flags to those who
//! know the candidates, so the flags that choose the cluster are read from the words again.

use super::Context;
use super::Env;
use super::RootArgs;
use super::check;
use super::events;
use super::get;
use super::rows;
use super::stats;
use super::trace;
use crate::api::Kind;
use crate::cluster;
use crate::cluster::Selection;
use crate::kind;
use crate::kind::KINDS;
use crate::ui::Ui;
use clap::Command;
use clap::FromArgMatches;
use clap_complete::ArgValueCandidates;
use clap_complete::ArgValueCompleter;
use clap_complete::CompletionCandidate;
use std::ffi::OsStr;
use std::ffi::OsString;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

/// The variable by which the registration scripts ask.
pub(super) const VARIABLE: &str = "COMPLETE";
/// Nobody waits longer for a candidate.
const LIMIT: Duration = Duration::from_secs(1);

/// Answers the shell, if it is the shell that asks. Costs one look at the environment otherwise.
pub fn complete(arguments: &[OsString], env: &Env) -> Option<ExitCode> {
    env.non_empty(VARIABLE).filter(|shell| *shell != "0")?;
    let program = super::program_name(arguments.first());
    let line = Arc::new(Line { program, words: flags_of_the_cluster(arguments), env: env.clone() });
    let command = command_word(arguments);
    let factory = || {
        let alone = command.as_deref().and_then(|word| super::command_alone(program, word));
        with_candidates(alone.unwrap_or_else(|| super::command(program)), &line)
    };
    let answered = clap_complete::CompleteEnv::with_factory(factory)
        .completer(program)
        .try_complete(arguments.iter().cloned(), None);
    Some(if answered.is_ok() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// The command, when the line has come further than it. What stands before `--` is the program itself.
fn command_word(arguments: &[OsString]) -> Option<String> {
    let mut words = arguments.iter().skip_while(|word| *word != "--").skip(2);
    let word = words.next()?.to_str()?.to_owned();
    words.next().map(|_| word)
}

/// The command line so far, as far as candidates depend on it.
struct Line {
    program: &'static str,
    words: Vec<String>,
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
            with_columns(with_names(command, &verb, &mut Vec::new(), line), &verb)
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
        let ask = move |word: &OsStr| objects(&line, &word.to_string_lossy());
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

/// Kinds, and behind the slash the names of one.
fn objects(line: &Line, word: &str) -> Vec<CompletionCandidate> {
    let found: Vec<String> = match word.split_once('/') {
        None => KINDS.iter().map(|kind| format!("{}/", kind.kind.to_lowercase())).collect(),
        Some((kind, _)) => match kind::by_word(kind) {
            Some(of) => names(line, of).into_iter().map(|name| format!("{kind}/{name}")).collect(),
            None => Vec::new(),
        },
    };
    found.into_iter().filter(|one| one.starts_with(word)).map(CompletionCandidate::new).collect()
}

fn names(line: &Line, kind: &'static Kind) -> Vec<String> {
    line.ask(|context, client| async move {
        let selection = Selection { namespace: Some(context.namespace), ..Selection::default() };
        let name = |object: serde_json::Value| Some(object.pointer("/metadata/name")?.as_str()?.to_owned());
        let listed = cluster::list_each(&client, &kind.api_resource(), &selection, name).await;
        Some(listed.ok()?.0.into_iter().flatten().collect())
    })
}
