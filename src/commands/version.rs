//! `version`: what runs here and in the cluster.

use crate::cli::CommandContext;
use crate::distribution::current_version;
use crate::present::DocumentFormat;

const EXAMPLES: &str = "\
# The version of this program, without asking the cluster
fluxr version --client
# The versions of the controllers too, for a program
fluxr version -o json";

/// Show the versions of the program and of Flux in the cluster
#[derive(clap::Args, Debug)]
#[command(after_help = EXAMPLES)]
pub struct VersionArgs {
    /// Print only the version of this program
    #[arg(long)]
    client: bool,
    /// Format of the output: yaml or json
    #[arg(long, short = 'o', value_name = "format", default_value = "yaml")]
    output: String,
}

impl VersionArgs {
    pub async fn run(self, context: &CommandContext) -> anyhow::Result<()> {
        let format = DocumentFormat::read(&self.output)?;
        let mut lines = vec![("flux".to_owned(), current_version().to_owned())];
        if context.program != "flux" {
            lines.push((context.program.to_owned(), format!("v{}", env!("CARGO_PKG_VERSION"))));
        }
        if !self.client {
            let client = context.client().await?;
            let found = crate::ops::server_versions(&client, &context.namespace).await?;
            lines.extend(found.distribution.map(|name| ("distribution".to_owned(), name)));
            lines.extend(found.components);
        }
        if format == DocumentFormat::Json {
            let map: serde_json::Map<String, serde_json::Value> =
                lines.into_iter().map(|(name, version)| (name, version.into())).collect();
            return context.ui.line(&serde_json::to_string_pretty(&map)?);
        }
        let text: String = lines.into_iter().map(|(name, version)| format!("{name}: {version}\n")).collect();
        context.ui.data(&text)
    }
}

/// The line of `--version`.
pub fn banner(program: &str) -> String {
    let release = current_version().trim_start_matches('v');
    if program == "flux" {
        format!("flux version {release}")
    } else {
        format!("{program} version {} (flux {release})", env!("CARGO_PKG_VERSION"))
    }
}
