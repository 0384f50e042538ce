//! `cargo testbed`: a cluster and a forge on loopback, for people and for tests.

use clap::Parser;
use std::path::PathBuf;
use std::process::ExitCode;
use testbed::Parts;
use testbed::bench;
use testbed::build;
use testbed::commands;
use testbed::fuzz;
use testbed::order;
use testbed::say;
use testbed::supervise;
use testbed::tutorial::At;

#[derive(Parser)]
#[command(
    name = "cargo testbed",
    about = "A cluster and a forge on loopback: embedded, or made of real parts"
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

#[derive(clap::Args)]
struct Sort {
    /// Real parts instead of embedded ones; what is missing is built from the Go module proxy first
    #[arg(long)]
    real: bool,
}

impl Sort {
    fn parts(&self) -> Parts {
        if self.real { Parts::Real } else { Parts::Embedded }
    }
}

#[derive(clap::Subcommand)]
enum Command {
    /// Measure fluxr beside the Flux CLI; the table is for docs/performance.md
    Bench {
        /// Objects of each of two kinds in the crowded cluster
        #[arg(long)]
        objects: Option<usize>,
        /// Only what works through Git
        #[arg(long)]
        through_git: bool,
    },
    /// Build all real parts that are missing in the cache
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
        #[command(flatten)]
        sort: Sort,
        /// Further chapters after the tutorial: Helm, image automation, alerts, operating through Git; these need real parts, so that --real is implied
        #[arg(long)]
        all: bool,
        /// Only the chapters about operating through Git, at a real Gitea; --real is implied
        #[arg(long, conflicts_with = "all")]
        gitea: bool,
        /// Draw three pictures of it into this folder
        #[arg(long)]
        svg: Option<PathBuf>,
    },
    /// Take a release of Flux into the table of releases, or list what keeps it out
    Distribution {
        /// With or without its v
        version: String,
    },
    /// Feed what reads untrusted text with inputs that reach new code
    Fuzz {
        /// How long each target runs
        #[arg(long, default_value_t = 10)]
        seconds: u64,
        /// The same seed gives the same inputs; without one every run tries others
        #[arg(long)]
        seed: Option<u32>,
        /// Only targets whose names contain one of these
        filters: Vec<String>,
    },
    /// Write which functions everyday runs call, for the linker
    Order,
    /// Start a testbed and come back when it is ready
    Up {
        #[command(flatten)]
        named: Named,
        #[command(flatten)]
        sort: Sort,
    },
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
        #[command(flatten)]
        sort: Sort,
    },
    /// The process that a testbed is
    #[command(hide = true)]
    Supervise {
        name: String,
        #[command(flatten)]
        sort: Sort,
    },
}

fn main() -> ExitCode {
    let outcome = match Cli::parse().command {
        Command::Bench { objects, through_git } => {
            bench::bench(objects, through_git).map(|table| say::answer(&table))
        }
        Command::Crowd { named, objects } => commands::crowd(&named.name, objects),
        Command::Build => build::build_all(),
        Command::Up { named, sort } => commands::up(&named.name, sort.parts()),
        Command::Down(named) => commands::down(&named.name),
        Command::Status(named) => commands::status(&named.name),
        Command::Env { named, json } => commands::env(&named.name, json),
        Command::Demo { sort, all, gitea, svg } => {
            let at = if gitea { At::Gitea } else { At::StandIn };
            let parts = if all || gitea { Parts::Real } else { sort.parts() };
            commands::demo(parts, all || gitea, at, svg.as_deref())
        }
        Command::Distribution { version } => commands::distribution(&version),
        Command::Fuzz { seconds, seed, filters } => fuzz::fuzz(seconds, seed, &filters),
        Command::Order => order::order(),
        Command::Parity => commands::test(2, &["real::parity".to_owned()]),
        Command::Test { threads, filters } => commands::test(threads, &filters),
        Command::Release(arguments) => commands::release(arguments),
        Command::Run { folder, sort } => commands::run(&folder, sort.parts()),
        Command::Supervise { name, sort } => supervise::supervise(&name, sort.parts()),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            say::tell(&format!("testbed: {error:#}"));
            ExitCode::FAILURE
        }
    }
}
