//! `check`: the prerequisites and the installation.

use super::Context;
use super::Exit;
use super::output::DocumentArgs;
use crate::ops;
use serde_json::json;
use std::time::Duration;

/// Check requirements and installation
#[derive(clap::Args, Debug)]
pub struct CheckArgs {
    /// Check only the prerequisites
    #[arg(long)]
    pre: bool,
    /// Accepted for compatibility; every controller of the installation is checked
    #[arg(
        long,
        value_delimiter = ',',
        value_name = "strings",
        default_value = "source-controller,kustomize-controller,helm-controller,notification-controller"
    )]
    components: Vec<String>,
    /// Accepted for compatibility; every controller of the installation is checked
    #[arg(long, value_delimiter = ',', value_name = "strings")]
    components_extra: Vec<String>,
    /// How often the controllers are looked at where no watch tells the news
    #[arg(long, default_value = "5s", value_parser = super::args::go_duration, value_name = "duration")]
    poll_interval: Duration,
    #[command(flatten)]
    output: DocumentArgs,
}

impl CheckArgs {
    pub async fn run(self, context: &Context) -> anyhow::Result<()> {
        let format = self.output.read()?;
        let client = context.client().await?;
        let options = ops::CheckOptions {
            namespace: context.namespace.clone(),
            pre: self.pre,
            timeout: context.timeout,
            poll: self.poll_interval,
        };
        let mut findings = ops::Findings::new(format.is_none().then_some(&context.ui));
        let healthy = ops::check(&client, &mut findings, &options).await;
        if let Some(format) = format {
            // `healthy`, and each thing that was looked at.
            let document = json!({"healthy": healthy, "checks": serde_json::to_value(&findings.found)?});
            context.ui.data(&format.render(&document, false)?)?;
        }
        if healthy {
            return Ok(());
        }
        if self.pre {
            return Err(Exit::silent(1).into());
        }
        anyhow::bail!("check failed")
    }
}
