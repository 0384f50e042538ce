//! The command line: flags in, a call of a lower floor, lines on the `Ui` out. The only room that knows clap.

pub mod args;
mod bootstrap;
mod check;
mod complete;
mod completion;
mod component_args;
mod create;
mod delete;
mod events;
mod export;
mod for_kind;
mod get;
mod install;
mod kustomize;
mod reconcile;
mod resume;
mod stats;
mod suspend;
mod tree;
mod uninstall;
mod usage;
mod version;

pub use args::Context;
pub use args::Env;
pub use args::GlobalArgs;
pub use complete::complete;

use crate::text::find_cause;
use crate::ui::ClosedPipe;
use crate::ui::Interrupted;
use crate::ui::Ui;
use clap::CommandFactory;
use clap::FromArgMatches;
use std::ffi::OsString;
use std::process::ExitCode;

#[derive(clap::Parser, Debug)]
#[command(about = "Bootstrap and operate GitOps on Kubernetes", disable_version_flag = true)]
struct Cli {
    #[command(flatten)]
    global: GlobalArgs,
    /// Print the version
    // An id of its own: the flag `--version <release>` of `bootstrap` is another one, and persistent.
    #[arg(id = "print-version", long = "version", short = 'v')]
    version: bool,
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(clap::Subcommand, Debug)]
enum Command {
    Bootstrap(Box<bootstrap::BootstrapArgs>),
    Check(check::CheckArgs),
    Completion(completion::CompletionArgs),
    Create(create::CreateArgs),
    Delete(delete::DeleteArgs),
    Events(events::EventsArgs),
    Export(export::ExportArgs),
    Get(get::GetArgs),
    Install(install::InstallArgs),
    Kustomize(kustomize::KustomizeArgs),
    Reconcile(reconcile::ReconcileArgs),
    Resume(resume::ResumeArgs),
    Stats(stats::StatsArgs),
    Suspend(suspend::SuspendArgs),
    Tree(tree::TreeArgs),
    Uninstall(uninstall::UninstallArgs),
    Version(version::VersionArgs),
}

impl Command {
    async fn run(self, context: &Context) -> anyhow::Result<()> {
        match self {
            Self::Bootstrap(args) => args.run(context).await,
            Self::Check(args) => args.run(context).await,
            Self::Completion(args) => args.run(context).await,
            Self::Create(args) => args.run(context).await,
            Self::Delete(args) => args.run(context).await,
            Self::Events(args) => args.run(context).await,
            Self::Export(args) => args.run(context).await,
            Self::Get(args) => args.run(context).await,
            Self::Install(args) => args.run(context).await,
            Self::Kustomize(args) => args.run(context).await,
            Self::Reconcile(args) => args.run(context).await,
            Self::Resume(args) => args.run(context).await,
            Self::Stats(args) => args.run(context).await,
            Self::Tree(args) => args.run(context).await,
            Self::Suspend(args) => args.run(context).await,
            Self::Uninstall(args) => args.run(context).await,
            Self::Version(args) => args.run(context).await,
        }
    }

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
    /// Said on stderr; nothing when everything was said already.
    pub message: String,
}

impl Exit {
    /// Everything was said already; only the code remains.
    pub fn silent(code: u8) -> Self {
        Self { code, message: String::new() }
    }
}

/// Runs one command line. The one place where an error becomes an exit code.
pub fn run(arguments: Vec<OsString>, env: Env, ui: Ui) -> ExitCode {
    let program = program_name(arguments.first());
    let mut root = command(program);
    let matches = match root.try_get_matches_from_mut(arguments.iter()) {
        Ok(matches) => matches,
        Err(error) => return answer_usage(&error, &mut root, &arguments, &ui),
    };
    let cli = match Cli::from_arg_matches(&matches) {
        Ok(cli) => cli,
        Err(error) => return answer_usage(&error, &mut root, &arguments, &ui),
    };
    if cli.version {
        return exit_code(ui.line(&version::banner(program)), &ui);
    }
    let Some(command) = cli.command else {
        return exit_code(ui.data(&root.render_help().to_string()), &ui);
    };
    let mut context = cli.global.clone().into_context(ui, env, program);
    context.timeout_was_given =
        matches.value_source("timeout") == Some(clap::parser::ValueSource::CommandLine);
    if let Err(error) = resolve_namespace(&mut context, &cli.global, command.resolves_namespace()) {
        return exit_code(Err(error), &context.ui);
    }
    let _ = rustls::crypto::ring::default_provider().install_default();
    let runtime = match tokio::runtime::Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            context.ui.failure(format!("starting the runtime: {error}"));
            return ExitCode::FAILURE;
        }
    };
    let outcome = runtime.block_on(async {
        tokio::select! {
            outcome = command.run(&context) => outcome,
            () = interrupted() => Err(Interrupted.into()),
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
        usage::Usage::Help(text) => exit_code(ui.data(&text), ui),
        usage::Usage::Wrong(line) => {
            ui.failure(line);
            ExitCode::FAILURE
        }
    }
}

/// The whole command tree, as the parser, completion and the documentation see it.
pub fn command(program: &'static str) -> clap::Command {
    let root = Cli::command().name(program).bin_name(program);
    // The flags of `bootstrap` may stand before and after the name of the provider.
    let root = root.mut_subcommand("bootstrap", |group| group.mut_args(|arg| arg.global(true)));
    let root = root.mut_subcommand("export", export::with_persistent_flags);
    with_go_flags(with_ignored_words(root.args_override_self(true).disable_help_subcommand(true)))
}

/// Commands that take no words at all; the others ignore those that are too many, as upstream does.
const WITHOUT_WORDS: [&str; 4] = ["check", "install", "stats", "uninstall"];

fn with_ignored_words(command: clap::Command) -> clap::Command {
    let takes_several = |arg: &clap::Arg| {
        matches!(arg.get_action(), clap::ArgAction::Append)
            || arg.get_num_args().is_some_and(|range| range.max_values() > 1)
    };
    let is_full = command.has_subcommands() || command.get_positionals().any(takes_several);
    if is_full || WITHOUT_WORDS.contains(&command.get_name()) {
        return command.mut_subcommands(with_ignored_words);
    }
    command.arg(clap::Arg::new("ignored-words").num_args(0..).hide(true))
}

/// Go's flags: every bool also takes `=false`, and a flag may be repeated, the last one winning.
fn with_go_flags(command: clap::Command) -> clap::Command {
    command
        .mut_args(|arg| {
            if !matches!(arg.get_action(), clap::ArgAction::SetTrue) {
                return arg;
            }
            let default_is_set = !arg.get_default_values().is_empty();
            let arg = arg
                .action(clap::ArgAction::Set)
                .num_args(0..=1)
                .require_equals(true)
                .default_missing_value("true")
                .value_parser(go_bool)
                .value_name("bool")
                .hide_possible_values(true);
            if default_is_set { arg } else { arg.default_value("false").hide_default_value(true) }
        })
        .mut_subcommands(with_go_flags)
}

/// What Go's `strconv.ParseBool` takes.
fn go_bool(text: &str) -> Result<bool, String> {
    match text {
        "1" | "t" | "T" | "true" | "TRUE" | "True" => Ok(true),
        "0" | "f" | "F" | "false" | "FALSE" | "False" => Ok(false),
        _ => Err(args::strconv("ParseBool", text, "invalid syntax")),
    }
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

async fn interrupted() {
    use tokio::signal::unix::SignalKind;
    use tokio::signal::unix::signal;
    let (Ok(mut interrupt), Ok(mut terminate)) =
        (signal(SignalKind::interrupt()), signal(SignalKind::terminate()))
    else {
        return std::future::pending().await;
    };
    tokio::select! {
        _ = interrupt.recv() => {}
        _ = terminate.recv() => {}
    }
}

fn exit_code(outcome: anyhow::Result<()>, ui: &Ui) -> ExitCode {
    let Err(error) = outcome else { return ExitCode::SUCCESS };
    if find_cause::<ClosedPipe>(&error).is_some() {
        return ExitCode::SUCCESS;
    }
    if let Some(interrupted) = find_cause::<Interrupted>(&error) {
        ui.failure(interrupted.to_string());
        return ExitCode::from(130);
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
