//! `cargo testbed`: real parts on loopback, for people and for tests.

use clap::Parser;
use std::path::PathBuf;
use std::process::ExitCode;
use testbed::bench;
use testbed::build;
use testbed::commands;
use testbed::say;
use testbed::supervise;

#[derive(Parser)]
#[command(
    name = "cargo testbed",
    about = "Real parts on loopback: a control plane, Flux's controllers, a forge"
)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(clap::Args)]
struct Named {
    /// Several testbeds can run side by side
    #[arg(long, default_value = "default")]
    name: String,
}

#[derive(clap::Subcommand)]
enum Command {
    /// Measure fluxr beside the Flux CLI; the table is for docs/performance.md
    Bench {
        /// Objects of each of two kinds in the crowded cluster
        #[arg(long)]
        objects: Option<usize>,
    },
    /// Build what is missing in the cache
    Build,
    /// Fill a running testbed with the objects of the bench
    Crowd {
        #[command(flatten)]
        named: Named,
        /// Objects of each of two kinds
        #[arg(long, default_value_t = 1000)]
        objects: usize,
    },
    /// Show the tutorial: every command before its real output
    Demo {
        /// Draw its beginning into this file
        #[arg(long)]
        svg: Option<PathBuf>,
    },
    /// Start a testbed and come back when it is ready
    Up(Named),
    /// End a testbed and everything in it
    Down(Named),
    /// Say what runs
    Status(Named),
    /// Print the variables that lead into a testbed, for `eval`
    Env {
        #[command(flatten)]
        named: Named,
        /// As one JSON object
        #[arg(long)]
        json: bool,
    },
    /// Ask the Flux CLI and fluxr the same command lines and compare what they answer
    Parity,
    /// Run the tests that need real parts
    Test {
        /// How many tests run at once; each has a cluster of its own
        #[arg(long, default_value_t = 2)]
        threads: usize,
        /// Only tests whose names contain one of these
        filters: Vec<String>,
    },
    /// Make what a release consists of
    Release(commands::ReleaseArguments),
    /// Run a testbed in the foreground, until interrupted
    Run {
        /// Folder for its state
        folder: PathBuf,
    },
    /// The process that a testbed is
    #[command(hide = true)]
    Supervise { name: String },
}

fn main() -> ExitCode {
    let outcome = match Cli::parse().command {
        Command::Bench { objects } => bench::bench(objects).map(|table| say::answer(&table)),
        Command::Crowd { named, objects } => commands::crowd(&named.name, objects),
        Command::Build => build::build_all(),
        Command::Up(named) => commands::up(&named.name),
        Command::Down(named) => commands::down(&named.name),
        Command::Status(named) => commands::status(&named.name),
        Command::Env { named, json } => commands::env(&named.name, json),
        Command::Demo { svg } => commands::demo(svg.as_deref()),
        Command::Parity => commands::test(2, &["real::parity".to_owned()]),
        Command::Test { threads, filters } => commands::test(threads, &filters),
        Command::Release(arguments) => commands::release(arguments),
        Command::Run { folder } => commands::run(&folder),
        Command::Supervise { name } => supervise::supervise(&name),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            say::tell(&format!("testbed: {error:#}"));
            ExitCode::FAILURE
        }
    }
}
