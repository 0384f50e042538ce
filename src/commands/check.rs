//! `check`: the prerequisites and the installation.

use super::Context;
use super::Exit;
use crate::ops;
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
}

impl CheckArgs {
    pub async fn run(self, context: &Context) -> anyhow::Result<()> {
        let client = context.client().await?;
        let options = ops::CheckOptions {
            namespace: context.namespace.clone(),
            pre: self.pre,
            timeout: context.timeout,
            poll: self.poll_interval,
        };
        if ops::check(&client, &context.ui, &options).await? {
            return Ok(());
        }
        if self.pre {
            return Err(Exit::silent(1).into());
        }
        anyhow::bail!("check failed")
    }
}
