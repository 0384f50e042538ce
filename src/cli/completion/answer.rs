//! Answers the shell, and attaches to arguments who knows their values.

use super::candidates::names;
use super::line::Line;
use super::line::Read;
use super::line::command_word;
use crate::api::Kind;
use crate::cli::Env;
use crate::cli::Tree;
use clap_complete::ArgValueCandidates;
use clap_complete::ArgValueCompleter;
use clap_complete::CompletionCandidate;
use std::ffi::OsStr;
use std::ffi::OsString;
use std::process::ExitCode;
use std::sync::OnceLock;

/// The variable by which the registration scripts ask.
pub const VARIABLE: &str = "COMPLETE";

/// The one line that this process completes; unset in a process that runs a command.
static LINE: OnceLock<Line> = OnceLock::new();

/// Answers the shell, if it is the shell that asks. Costs one look at the environment otherwise.
pub fn answer(
    tree: Tree,
    program: &'static str,
    arguments: &[OsString],
    env: &Env,
    read: Read,
) -> Option<ExitCode> {
    env.non_empty(VARIABLE).filter(|shell| *shell != "0")?;
    set_line(|| Line::new(tree, program, arguments, env, read));
    let factory = || tree.with(program, command_word(arguments));
    let answered = clap_complete::CompleteEnv::with_factory(factory)
        .completer(program)
        .try_complete(arguments.iter().cloned(), std::env::current_dir().ok().as_deref());
    Some(if answered.is_ok() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Sets the line that is completed. A process completes one.
pub(super) fn set_line(line: impl FnOnce() -> Line) {
    LINE.get_or_init(line);
}

fn candidates(values: impl IntoIterator<Item = String>) -> Vec<CompletionCandidate> {
    values.into_iter().map(CompletionCandidate::new).collect()
}

/// Values that the cluster or the kubeconfig knows, as they are.
pub fn of(ask: fn(&Line) -> Vec<String>) -> ArgValueCandidates {
    ArgValueCandidates::new(move || candidates(LINE.get().into_iter().flat_map(ask)))
}

/// Values that depend on the word at hand. Where they are not names, small letters are as good as capitals.
pub fn by(ask: fn(&Line, &str) -> Vec<String>) -> ArgValueCompleter {
    ArgValueCompleter::new(move |word: &OsStr| {
        let word = word.to_string_lossy();
        beginning_with(&word, LINE.get().into_iter().flat_map(|line| ask(line, &word)))
    })
}

/// These words.
pub fn words<W>(words: W) -> ArgValueCandidates
where
    W: IntoIterator<Item = &'static str> + Clone + Send + Sync + 'static,
{
    ArgValueCandidates::new(move || candidates(words.clone().into_iter().map(str::to_owned)))
}

/// The names of the objects of a kind.
pub fn names_of(kind: &'static Kind) -> ArgValueCandidates {
    ArgValueCandidates::new(move || candidates(LINE.get().into_iter().flat_map(|line| names(line, kind))))
}

/// Gives `--sort-by` the columns of a command, as it takes them; leaves other arguments alone.
pub fn columns(arg: clap::Arg, known: fn() -> Vec<String>) -> clap::Arg {
    if arg.get_id() != "sort_by" {
        return arg;
    }
    let ask = move || candidates(known().iter().map(|column| column.replace(' ', "-")));
    arg.add(ArgValueCandidates::new(ask))
}

/// The values that continue what is typed.
fn beginning_with(word: &str, values: impl Iterator<Item = String>) -> Vec<CompletionCandidate> {
    candidates(values.filter_map(|value| {
        if value.starts_with(word) {
            return Some(value);
        }
        Some(value.to_lowercase()).filter(|small| small.starts_with(word))
    }))
}
