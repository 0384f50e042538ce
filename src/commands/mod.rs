//! The command line: flags in, a call of a lower floor, lines on the `Ui` out. The only room that knows clap.

pub mod args;
mod bootstrap;
mod check;
mod complete;
mod completion;
mod component_args;
mod create;
mod debug;
mod delete;
mod document;
mod events;
mod export;
mod for_kind;
mod get;
mod go_flags;
mod help;
mod help_text;
mod install;
mod kustomize;
mod list_flag;
mod logs;
mod output;
mod reconcile;
mod resume;
mod rows;
mod selection;
mod show;
mod signals;
mod sort;
mod stats;
mod suspend;
mod trace;
mod tree;
mod uninstall;
mod usage;
mod version;
mod wait;
mod why;

pub use args::Context;
pub use args::Env;
pub use args::GlobalArgs;
pub use help_text::manual;
pub use signals::Ending;

use crate::text::Painted;
use crate::text::find_cause;
use crate::ui::ClosedPipe;
use crate::ui::Colour;
use crate::ui::Interrupted;
use crate::ui::Ui;
use clap::CommandFactory;
use clap::FromArgMatches;
use complete::complete;
use go_flags::go_bool;
use go_flags::with_go_flags;
use go_flags::with_ignored_words;
use signals::Signal;
use std::ffi::OsString;
use std::process::ExitCode;

#[derive(clap::Parser, Debug)]
#[command(about = "Bootstrap and operate GitOps on Kubernetes", disable_version_flag = true, after_help = EXAMPLES)]
struct Cli {
    #[command(flatten)]
    root: RootArgs,
    #[command(subcommand)]
    command: Option<Command>,
}

const EXAMPLES: &str = "\
# Is the cluster ready for Flux?
fluxr check --pre
# What runs, and how is it?
fluxr get all -A
# Why is an application not ready, and what is to be done?
fluxr why ks/apps";

// What may stand before a command. Not a documentation comment: clap would show it as what the program is.
#[derive(clap::Args, Debug)]
struct RootArgs {
    #[command(flatten)]
    global: GlobalArgs,
    /// Print the version
    // An id of its own: the flag `--version <release>` of `bootstrap` is another one, and persistent.
    #[arg(id = "print-version", long = "version", short = 'v')]
    version: bool,
}

impl RootArgs {
    /// The root without any command.
    fn command(program: &'static str) -> clap::Command {
        <Self as clap::Args>::augment_args(clap::Command::new(program)).disable_version_flag(true)
    }
}

/// The commands, one module each: a word of the command line is the name of a module.
macro_rules! commands {
    ($($module:ident :: $args:ident as $variant:ident),+ $(,)?) => {
        #[derive(clap::Subcommand, Debug)]
        enum Command {
            $($variant(Box<$module::$args>)),+
        }

        impl Command {
            async fn run(self, context: &Context) -> anyhow::Result<()> {
                match self {
                    $(Self::$variant(args) => args.run(context).await),+
                }
            }

            /// The command that a word names, with all that is below it.
            fn grown(word: &str) -> Option<clap::Command> {
                match word {
                    $(stringify!($module) => {
                        Some(<$module::$args as clap::Args>::augment_args(clap::Command::new(stringify!($module))))
                    })+
                    _ => None,
                }
            }
        }
    };
}

commands! {
    bootstrap::BootstrapArgs as Bootstrap,
    check::CheckArgs as Check,
    completion::CompletionArgs as Completion,
    create::CreateArgs as Create,
    debug::DebugArgs as Debug,
    delete::DeleteArgs as Delete,
    events::EventsArgs as Events,
    export::ExportArgs as Export,
    get::GetArgs as Get,
    help::HelpArgs as Help,
    install::InstallArgs as Install,
    kustomize::KustomizeArgs as Kustomize,
    logs::LogsArgs as Logs,
    reconcile::ReconcileArgs as Reconcile,
    resume::ResumeArgs as Resume,
    stats::StatsArgs as Stats,
    suspend::SuspendArgs as Suspend,
    trace::TraceArgs as Trace,
    tree::TreeArgs as Tree,
    uninstall::UninstallArgs as Uninstall,
    version::VersionArgs as Version,
    wait::WaitArgs as Wait,
    why::WhyArgs as Why,
}

impl Command {
    /// `create` names objects before it looks at namespaces: its tree has a hook of its own, as upstream's.
    fn resolves_namespace(&self) -> bool {
        !matches!(self, Self::Create(_))
    }
}

/// An outcome that is neither success nor a plain failure: the exit code is part of the contract.
#[derive(Debug, thiserror::Error)]
#[error("{message}")]
pub struct Exit {
    pub code: u8,
    /// Printed to stderr; empty if everything was printed already.
    pub message: String,
}

impl Exit {
    /// Everything was said already; only the code remains.
    pub fn silent(code: u8) -> Self {
        Self { code, message: String::new() }
    }
}

/// Answers the shell that completes a line, or runs one command line, until it returns or a signal ends it.
pub fn run(arguments: Vec<OsString>, env: Env) -> Ending {
    if let Some(code) = complete(&arguments, &env) {
        return Ending::Returned(code);
    }
    let ui = Ui::for_process(|name| env.get(name), colour_asked(&arguments));
    let last_words = Ui::for_process(|name| env.get(name), colour_asked(&arguments));
    let say = move |signal: Interrupted| {
        last_words.leave_line();
        last_words.failure(signal.to_string());
    };
    let started = signals::supervised(move |signal| run_command(arguments, env, ui, signal), say);
    started.unwrap_or_else(|error| {
        Ui::for_process(|_| None, Colour::Auto).failure(format!("starting the command: {error}"));
        Ending::Returned(ExitCode::FAILURE)
    })
}

/// The one place where an error becomes an exit code.
fn run_command(arguments: Vec<OsString>, env: Env, ui: Ui, signal: Signal) -> ExitCode {
    let program = program_name(arguments.first());
    // Most command lines begin with their command, and then nothing of the others is needed.
    let first = arguments.get(1).and_then(|word| word.to_str());
    let mut root = first.and_then(|word| command_alone(program, word)).unwrap_or_else(|| command(program));
    let matches = match root.try_get_matches_from_mut(arguments.iter()) {
        Ok(matches) => matches,
        Err(error) => return answer_usage(&error, &mut root, &arguments, &ui),
    };
    let cli = match Cli::from_arg_matches(&matches) {
        Ok(cli) => cli,
        Err(error) => return answer_usage(&error, &mut root, &arguments, &ui),
    };
    // Leaking the tree is cheaper than dropping it: the process does one thing and ends.
    std::mem::forget(root);
    if cli.root.version {
        return exit_code(ui.line(&version::banner(program)), &ui);
    }
    let Some(command) = cli.command else {
        return exit_code(show_help(&ui, program, &[], false), &ui);
    };
    let mut context = cli.root.global.clone().into_context(ui, env, program);
    context.timeout_was_given =
        matches.value_source("timeout") == Some(clap::parser::ValueSource::CommandLine);
    if let Err(error) = resolve_namespace(&mut context, &cli.root.global, command.resolves_namespace()) {
        return exit_code(Err(error), &context.ui);
    }
    let _ = rustls::crypto::ring::default_provider().install_default();
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
    exit_code(outcome, &context.ui)
}

/// Help on stdout, or one line about what is wrong with the command line.
fn answer_usage(error: &clap::Error, root: &mut clap::Command, arguments: &[OsString], ui: &Ui) -> ExitCode {
    let words: Vec<String> =
        arguments.iter().skip(1).map(|word| word.to_string_lossy().into_owned()).collect();
    match usage::explain(error, root, &words) {
        usage::Usage::Help => {
            let program = program_name(arguments.first());
            let (path, is_long) = help_text::asked(command(program), arguments);
            exit_code(show_help(ui, program, &path, is_long), ui)
        }
        usage::Usage::Wrong(line) => {
            ui.failure(line);
            ExitCode::FAILURE
        }
    }
}

/// What the command line says about colour, for everything that is reported before it is read as a whole.
fn colour_asked(arguments: &[OsString]) -> Colour {
    let words: Vec<&str> = arguments.iter().skip(1).map_while(|word| word.to_str()).collect();
    let words = words.split(|word| *word == "--").next().unwrap_or_default();
    let joined = words.iter().filter_map(|word| word.strip_prefix("--color="));
    let apart = words.windows(2).filter(|pair| pair[0] == "--color").map(|pair| pair[1]);
    joined.chain(apart).filter_map(|asked| args::colour(asked).ok()).next_back().unwrap_or_default()
}

/// Shows the help of the command that these words name; the long one has every option.
///
/// # Errors
/// When stdout cannot be written.
fn show_help(ui: &Ui, program: &'static str, path: &[String], is_long: bool) -> anyhow::Result<()> {
    let look = help_text::Look { width: ui.width(), in_colour: ui.out.colour };
    ui.show(&Painted::trusted(help_text::of(program, path, is_long, look)))
}

/// The whole command tree, as the parser and completion see it.
pub fn command(program: &'static str) -> clap::Command {
    finished(Cli::command(), program)
}

/// The command tree with one command only. To build all of them takes longer than most commands run.
fn command_alone(program: &'static str, word: &str) -> Option<clap::Command> {
    let command = Command::grown(word)?;
    Some(finished(RootArgs::command(program).subcommand(command), program))
}

/// The tree, or one command of it, before its flags become Go's.
fn command_for_reading(program: &'static str, word: Option<&str>) -> clap::Command {
    let alone = word.and_then(Command::grown).map(|command| RootArgs::command(program).subcommand(command));
    shaped(alone.unwrap_or_else(Cli::command), program)
}

/// The tree as cobra reads command lines.
fn finished(root: clap::Command, program: &'static str) -> clap::Command {
    with_go_flags(shaped(root, program))
}

fn shaped(root: clap::Command, program: &'static str) -> clap::Command {
    let root = root.name(program).bin_name(program).args_override_self(true).disable_help_subcommand(true);
    let root = root.mut_subcommands(|command| match command.get_name() {
        // The flags of `bootstrap` may stand before and after the name of the provider.
        "bootstrap" => command.mut_args(|arg| arg.global(true)),
        "export" => export::with_persistent_flags(command),
        // Flags alone mean objects of all kinds.
        "reconcile" => command.subcommand_required(false),
        _ => command,
    });
    with_ignored_words(root)
}

/// The name that help, completion and messages show: `flux` when called so, else `fluxr`.
fn program_name(argument: Option<&OsString>) -> &'static str {
    let stem =
        argument.and_then(|path| std::path::Path::new(path).file_stem()).and_then(|stem| stem.to_str());
    if stem == Some("flux") { "flux" } else { "fluxr" }
}

fn resolve_namespace(context: &mut Context, global: &GlobalArgs, complete: bool) -> anyhow::Result<()> {
    if let Some(namespace) = &global.namespace {
        context.namespace.clone_from(namespace);
    } else if complete
        && (global.ns_follows_kube_context || context.env.non_empty("FLUX_NS_FOLLOWS_KUBE_CONTEXT").is_some())
        && let Some(namespace) = context.access.context_namespace()
    {
        context.namespace = namespace;
    }
    if complete && !args::is_dns_label(&context.namespace) {
        anyhow::bail!("namespace must be a valid DNS label: \"{}\"", context.namespace);
    }
    Ok(())
}

fn exit_code(outcome: anyhow::Result<()>, ui: &Ui) -> ExitCode {
    let Err(error) = outcome else { return ExitCode::SUCCESS };
    if find_cause::<ClosedPipe>(&error).is_some() {
        return ExitCode::SUCCESS;
    }
    if let Some(interrupted) = find_cause::<Interrupted>(&error) {
        ui.failure(interrupted.to_string());
        return ExitCode::from(interrupted.code());
    }
    if let Some(exit) = find_cause::<Exit>(&error) {
        if exit.message.is_empty() {
            return ExitCode::from(exit.code);
        }
        if exit.code == 1 {
            ui.warning(&exit.message);
        } else {
            ui.failure(&exit.message);
        }
        return ExitCode::from(exit.code);
    }
    ui.error(&error);
    ExitCode::FAILURE
}
