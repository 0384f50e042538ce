//! The command line that a shell completes.
//!
//! clap_complete hands no parsed flags to those who know the candidates, so what they depend on is read from the words again.

use crate::cli::CommandContext;
use crate::cli::Env;
use crate::cli::Tree;
use clap::ArgMatches;
use std::ffi::OsString;
use std::time::Duration;

/// How long a candidate may take.
const LIMIT: Duration = Duration::from_secs(1);

/// The command line so far, as far as candidates depend on it.
pub struct Line {
    pub tree: Tree,
    pub program: &'static str,
    /// The words that choose kubeconfig, context and namespace.
    pub words: Vec<String>,
    /// What precedes the word at hand, as the command understands it.
    given: Option<ArgMatches>,
    pub env: Env,
    /// Reads those words as a command does.
    read: Read,
}

/// What a command would work with whose line has the words of this one.
pub type Read = fn(&Line) -> Option<CommandContext>;

impl Line {
    /// The line of a shell that asks with these arguments.
    pub fn new(tree: Tree, program: &'static str, arguments: &[OsString], env: &Env, read: Read) -> Self {
        let command = command_word(arguments);
        let given = command.and_then(|word| given_before(arguments, tree, program, word, env));
        Self { tree, program, words: flags_of_the_cluster(arguments), given, env: env.clone(), read }
    }

    /// What an argument of the command was given before the word at hand.
    pub fn values(&self, id: &str) -> Vec<String> {
        let given = self.given.as_ref().and_then(|given| given.try_get_many::<String>(id).ok().flatten());
        given.into_iter().flatten().filter(|value| !value.is_empty()).cloned().collect()
    }

    /// What the command would work with.
    pub fn context(&self) -> Option<CommandContext> {
        (self.read)(self)
    }

    /// Asks the cluster within the time limit; any failure means no candidates.
    pub fn ask<F: Future<Output = Option<Vec<String>>>>(
        &self,
        question: impl FnOnce(CommandContext, kube::Client) -> F,
    ) -> Vec<String> {
        let Some(context) = self.context() else { return Vec::new() };
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

/// The command, when the line has come further than it. What precedes `--` is the program itself.
pub fn command_word(arguments: &[OsString]) -> Option<&str> {
    let mut words = arguments.iter().skip_while(|word| *word != "--").skip(2);
    let word = words.next()?.to_str()?;
    words.next().map(|_| word)
}

/// What the words before the one at hand mean to the command.
fn given_before(
    arguments: &[OsString],
    tree: Tree,
    program: &'static str,
    word: &str,
    env: &Env,
) -> Option<ArgMatches> {
    let words = arguments.iter().skip_while(|word| *word != "--").skip(1);
    // Shells that do not say where the cursor is send the words up to it.
    let cursor = env.get("_CLAP_COMPLETE_INDEX").and_then(|index| index.parse().ok());
    let before = words.clone().take(cursor.unwrap_or(words.count().saturating_sub(1)));
    let command = tree.with_one(program, word)?.ignore_errors(true);
    let (_, mut given) = command.try_get_matches_from(before).ok()?.remove_subcommand()?;
    while let Some((_, inner)) = given.remove_subcommand() {
        given = inner;
    }
    Some(given)
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
