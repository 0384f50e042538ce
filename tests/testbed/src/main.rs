//! `cargo testbed`: real parts on loopback, for people and for tests.

#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a tool for developers speaks for itself")]

use clap::Parser;

#[derive(Parser)]
#[command(about = "Real parts on loopback: a control plane, Flux's controllers, a forge")]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(clap::Subcommand)]
enum Command {
    /// Build what is missing in the cache
    Build,
    /// Show the tutorial: every command before its real output
    Demo {
        /// The fluxr to show
        #[arg(long, default_value = "target/debug/fluxr")]
        fluxr: std::path::PathBuf,
        /// Draw its beginning into this file
        #[arg(long)]
        svg: Option<std::path::PathBuf>,
    },
    /// Run a cluster in the foreground, until interrupted
    Run {
        /// Folder for its state
        #[arg(default_value = "target/testbed/default")]
        folder: std::path::PathBuf,
    },
}

fn main() -> anyhow::Result<()> {
    match Cli::parse().command {
        Command::Build => testbed::build::build_all(&mut |line| eprintln!("{line}")),
        Command::Demo { fluxr, svg } => {
            testbed::build::build_all(&mut |line| eprintln!("{line}"))?;
            testbed::demo::show(&fluxr, std::path::Path::new("target/testbed/demo"), svg.as_deref())
        }
        Command::Run { folder } => {
            testbed::build::build_all(&mut |line| eprintln!("{line}"))?;
            let begun = std::time::Instant::now();
            let cluster = testbed::Cluster::start(&folder)?;
            let forge = testbed::Forge::start(&folder)?;
            forge.add_user("ada", "ghp_testbed", "repo, admin:org");
            forge.add_organization("lovelace", &["platform", "readers"]);
            println!("# ready after {:.1} s", begun.elapsed().as_secs_f32());
            println!("export KUBECONFIG={}", cluster.kubeconfig().display());
            println!("export GITHUB_TOKEN=ghp_testbed GITHUB_USER=ada FORGE={}", forge.host());
            println!("export FORGE_SSH={} FORGE_CA={}", forge.ssh_host(), forge.ca_file().display());
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
            runtime.block_on(tokio::signal::ctrl_c())?;
            Ok(())
        }
    }
}
