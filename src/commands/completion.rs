//! `completion`: the script that tells a shell to ask this program for candidates.

use crate::cli::CommandContext;
use crate::cli::completion::VARIABLE;
use anyhow::Context as _;
use clap_complete::env::Shells;

/// Write completion scripts for shells
#[derive(clap::Args, Debug)]
pub struct CompletionArgs {
    #[command(subcommand)]
    shell: Shell,
}

#[derive(clap::Subcommand, Debug)]
enum Shell {
    /// Generate the completion script for bash
    #[command(after_help = "# In this shell\nsource <(fluxr completion bash)\n# In all future shells\n\
                            fluxr completion bash > ~/.local/share/bash-completion/completions/fluxr")]
    Bash,
    /// Generate the completion script for fish
    #[command(
        after_help = "# In all future shells\nfluxr completion fish > ~/.config/fish/completions/fluxr.fish"
    )]
    Fish,
    /// Generate the completion script for PowerShell
    #[command(after_help = "# In all future shells\nfluxr completion powershell >> $PROFILE")]
    Powershell,
    /// Generate the completion script for zsh
    #[command(after_help = "# In all future shells; ~/.zfunc is one of the folders of $fpath\n\
                            fluxr completion zsh > ~/.zfunc/_fluxr")]
    Zsh,
}

impl CompletionArgs {
    pub async fn run(self, context: &CommandContext) -> anyhow::Result<()> {
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
            .write_registration(VARIABLE, program, program, program, &mut script)
            .with_context(|| format!("writing the script for {name}"))?;
        let script = String::from_utf8_lossy(&script);
        context.ui.data(&if name == "bash" { with_joined_words(&script) } else { script.into_owned() })
    }
}

/// Bash takes `--flag=value` apart into three words. The program is given two of them, the flag and its value, as it understands both ways.
fn with_joined_words(script: &str) -> String {
    const ASKS: &str = "    COMPREPLY=( $( \\\n";
    const JOINS: &str = r#"    local at joined=()
    for at in "${!words[@]}"; do
        if [[ "${words[at]}" == "=" && at -ne COMP_CWORD && "${words[at-1]}" == --* ]]; then
            (( at < COMP_CWORD )) && (( _CLAP_COMPLETE_INDEX-- ))
        else
            joined+=("${words[at]}")
        fi
    done
    words=("${joined[@]}")
"#;
    script.replacen(ASKS, &format!("{JOINS}{ASKS}"), 1)
}
