//! One run of the program: from its arguments to its end.

use super::CommandContext;
use super::EndAtOnce;
use super::Env;
use super::GlobalArgs;
use super::RootArgs;
use super::Tree;
use super::completion;
use super::exit::exit_code;
use super::global_args;
use super::go_flags;
use super::help_text;
use super::plugins;
use super::secret_flags;
use super::signals;
use super::signals::Signal;
use super::usage;
use super::usage::Usage;
use crate::git;
use crate::text::Secret;
use crate::ui::Colour;
use crate::ui::Interrupted;
use crate::ui::Ui;
use clap::ArgMatches;
use clap::FromArgMatches;
use std::ffi::OsString;
use std::process::ExitCode;

/// A command as it was read from the command line.
pub trait Run: FromArgMatches {
    /// Whether the namespace follows the kubeconfig where that was asked for, and is checked.
    fn resolves_namespace(&self) -> bool;

    /// Runs the command.
    ///
    /// # Errors
    /// Those of the command.
    fn run(self, context: &CommandContext) -> impl Future<Output = anyhow::Result<()>>;
}

/// Answers the shell that completes a line, or runs one command line, until it returns or a signal ends it.
pub fn run<C: Run>(tree: Tree, arguments: &[OsString], env: Env, end: EndAtOnce) -> ExitCode {
    let program = program_name(arguments.first());
    for answer in [completion::answer, completion::answer_cobra] {
        if let Some(code) = answer(tree, program, arguments, &env, completing) {
            return code;
        }
    }
    let ui = Ui::for_process(|name| env.get(name), colour_asked(arguments));
    if let Some(failure) = plugins::run_instead(tree, program, arguments, &env) {
        ui.failure(failure);
        return ExitCode::FAILURE;
    }
    let last_words = Ui::for_process(|name| env.get(name), colour_asked(arguments));
    let say = move |signal: Interrupted| {
        last_words.leave_line();
        last_words.failure(signal.to_string());
    };
    let command = |signal| run_command::<C>(tree, program, arguments, env, ui, signal);
    let started = signals::supervised(command, say, end);
    started.unwrap_or_else(|error| {
        Ui::for_process(|_| None, Colour::Auto).failure(format!("starting the command: {error}"));
        ExitCode::FAILURE
    })
}

fn run_command<C: Run>(
    tree: Tree,
    program: &'static str,
    arguments: &[OsString],
    env: Env,
    ui: Ui,
    signal: Signal,
) -> ExitCode {
    let arguments = match go_flags::without_value_of_help(arguments) {
        Ok(arguments) => arguments,
        Err(error) => return exit_code(Err(error), &ui),
    };
    let arguments = arguments.as_ref();
    if let Some((path, is_long)) = help_text::plainly_asked(tree, arguments) {
        return exit_code(help_text::show(&ui, tree, program, &path, is_long), &ui);
    }
    let (mut root, arguments) = tree.for_line(program, arguments);
    let arguments = arguments.as_slice();
    let read = match matched(&mut root, arguments, &ui) {
        Ok(matched) => matched.and_then(|matches| {
            let (global, command) = read::<C>(&matches)?;
            Ok((matches, global, command))
        }),
        Err(error) => return exit_code(Err(error), &ui),
    };
    let (matches, mut given, command) = match read {
        Ok(read) => read,
        Err(error) => return answer_usage(&error, tree, program, &root, arguments, &ui),
    };
    if secret_flags::is_shadowed(&root, &matches, "token") {
        given.global.token = None;
    }
    // Leaking the tree is cheaper than dropping it: the process does one thing and ends.
    std::mem::forget(root);
    if given.version {
        return exit_code(ui.line(&(tree.banner)(program)), &ui);
    }
    let Some(command) = command else {
        return exit_code(help_text::show(&ui, tree, program, &[], false), &ui);
    };
    let mut context = given.global.clone().into_context(ui, env, program, tree);
    redact_secrets(&context.ui, &matches);
    context.timeout_was_given =
        matches.value_source("timeout") == Some(clap::parser::ValueSource::CommandLine);
    if let Err(error) = resolve_namespace(&mut context, &given.global, command.resolves_namespace()) {
        return exit_code(Err(error), &context.ui);
    }
    let mut builder = tokio::runtime::Builder::new_current_thread();
    // Blocking work may recurse as deeply as that of this thread.
    let runtime = match builder.enable_all().thread_stack_size(signals::STACK).build() {
        Ok(runtime) => runtime,
        Err(error) => {
            context.ui.failure(format!("starting the runtime: {error}"));
            return ExitCode::FAILURE;
        }
    };
    let outcome = runtime.block_on(async {
        tokio::select! {
            outcome = command.run(&context) => outcome,
            signal = signal.heard() => {
                context.ui.leave_line();
                Err(signal.into())
            }
        }
    });
    // Blocking work that was interrupted is told so by its progress callbacks; it is not waited for longer than this.
    runtime.shutdown_timeout(std::time::Duration::from_millis(500));
    git::remove_private_directories();
    exit_code(outcome, &context.ui)
}

/// The words of the line as the tree takes them, with the secrets that some of them name a source of. The error within is about the line.
///
/// # Errors
/// As [`secret_flags::read`].
fn matched(
    root: &mut clap::Command,
    arguments: &[OsString],
    ui: &Ui,
) -> anyhow::Result<Result<ArgMatches, clap::Error>> {
    let matches = match root.try_get_matches_from_mut(arguments) {
        Ok(matches) => matches,
        wrong => return Ok(wrong),
    };
    let secrets = secret_flags::read(root, &matches, ui)?;
    if secrets.is_empty() {
        return Ok(Ok(matches));
    }
    // Nothing after `--` is a flag.
    let end = arguments.iter().position(|word| word == "--").unwrap_or(arguments.len());
    let words = arguments[..end].iter().chain(&secrets).chain(&arguments[end..]);
    Ok(root.try_get_matches_from_mut(words))
}

/// From now on no secret of the command line is shown.
fn redact_secrets(ui: &Ui, matches: &ArgMatches) {
    for id in matches.ids() {
        // Arguments of other types do not answer.
        let secrets = matches.try_get_many::<Secret>(id.as_str()).ok().flatten();
        secrets.into_iter().flatten().for_each(|secret| ui.redact(secret));
    }
    if let Some((_, below)) = matches.subcommand() {
        redact_secrets(ui, below);
    }
}

/// The flags of the root, and the command if there is one.
fn read<C: Run>(matches: &ArgMatches) -> Result<(RootArgs, Option<C>), clap::Error> {
    let command = matches.subcommand().map(|_| C::from_arg_matches(matches)).transpose()?;
    Ok((RootArgs::from_arg_matches(matches)?, command))
}

/// What the command would work with that a shell completes.
fn completing(line: &completion::Line) -> Option<CommandContext> {
    let words = std::iter::once(line.program.to_owned()).chain(line.words.iter().cloned());
    let matches = RootArgs::command(line.program).try_get_matches_from(words).ok()?;
    let global = RootArgs::from_arg_matches(&matches).ok()?.global;
    // Whatever is written while completing would land in the middle of the reader's line.
    let mut context = global.clone().into_context(Ui::silent(), line.env.clone(), line.program, line.tree);
    resolve_namespace(&mut context, &global, true).ok()?;
    Some(context)
}

/// Help on stdout, or one line about what is wrong with the command line.
fn answer_usage(
    error: &clap::Error,
    tree: Tree,
    program: &'static str,
    root: &clap::Command,
    arguments: &[OsString],
    ui: &Ui,
) -> ExitCode {
    let words: Vec<String> =
        arguments.iter().skip(1).map(|word| word.to_string_lossy().into_owned()).collect();
    match usage::explain(error, root, &words) {
        Usage::Help => {
            let (path, is_long) = help_text::asked(tree, program, arguments);
            exit_code(help_text::show(ui, tree, program, &path, is_long), ui)
        }
        Usage::Wrong(line) => {
            ui.failure(line);
            ExitCode::from((tree.usage_code)(&usage::path_of(root, &words)))
        }
    }
}

/// What the command line says about colour, for everything that is reported before it is read as a whole.
fn colour_asked(arguments: &[OsString]) -> Colour {
    let words: Vec<&str> = arguments.iter().skip(1).map_while(|word| word.to_str()).collect();
    let words = words.split(|word| *word == "--").next().unwrap_or_default();
    let joined = words.iter().filter_map(|word| word.strip_prefix("--color="));
    let apart = words.windows(2).filter(|pair| pair[0] == "--color").map(|pair| pair[1]);
    joined.chain(apart).filter_map(|asked| global_args::colour(asked).ok()).next_back().unwrap_or_default()
}

/// The name that help, completion and messages show: `flux` when called so, else `fluxr`.
fn program_name(argument: Option<&OsString>) -> &'static str {
    let stem =
        argument.and_then(|path| std::path::Path::new(path).file_stem()).and_then(|stem| stem.to_str());
    if stem == Some("flux") { "flux" } else { "fluxr" }
}

/// Sets the namespace that the command works in.
///
/// # Errors
/// When it is checked: a name that is not a DNS label.
fn resolve_namespace(
    context: &mut CommandContext,
    global: &GlobalArgs,
    complete: bool,
) -> anyhow::Result<()> {
    if let Some(namespace) = &global.namespace {
        context.namespace.clone_from(namespace);
    } else if complete
        && (global.ns_follows_kube_context || context.env.non_empty("FLUX_NS_FOLLOWS_KUBE_CONTEXT").is_some())
        && let Some(namespace) = context.access.context_namespace()
    {
        context.namespace = namespace;
    }
    if complete && !global_args::is_dns_label(&context.namespace) {
        anyhow::bail!("namespace must be a valid DNS label: \"{}\"", context.namespace);
    }
    Ok(())
}
