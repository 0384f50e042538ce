//! `completion`: the script that tells a shell to ask this program for candidates.

use super::Context;
use super::complete;
use anyhow::Context as _;
use clap_complete::env::Shells;

/// Generate completion scripts for various shells
#[derive(clap::Args, Debug)]
pub struct CompletionArgs {
    #[command(subcommand)]
    shell: Shell,
}

#[derive(clap::Subcommand, Debug)]
enum Shell {
    /// Generate the completion script for bash
    Bash,
    /// Generate the completion script for fish
    Fish,
    /// Generate the completion script for PowerShell
    Powershell,
    /// Generate the completion script for zsh
    Zsh,
}

impl CompletionArgs {
    pub async fn run(self, context: &Context) -> anyhow::Result<()> {
        let name = match self.shell {
            Shell::Bash => "bash",
            Shell::Fish => "fish",
            Shell::Powershell => "powershell",
            Shell::Zsh => "zsh",
        };
        let shells = Shells::builtins();
        let shell = shells.completer(name).with_context(|| format!("no script is known for {name}"))?;
        let mut script = Vec::new();
        let program = context.program;
        shell
            .write_registration(complete::VARIABLE, program, program, program, &mut script)
            .with_context(|| format!("writing the script for {name}"))?;
        context.ui.data(&String::from_utf8_lossy(&script))
    }
}
