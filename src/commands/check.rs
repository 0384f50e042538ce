//! `check`: the prerequisites and the installation.

use crate::cli::CommandContext;
use crate::cli::Exit;
use crate::cli::NO_WORDS;
use crate::cli::OutputArgs;
use crate::cli::completion;
use crate::cli::list_flag::Items;
use crate::cli::list_flag::items;
use crate::cli::show::Document;
use crate::distribution::Release;
use crate::ops;
use crate::present;
use crate::present::Column;
use crate::present::Output;
use serde_json::json;
use std::time::Duration;

const EXAMPLES: &str = "\
# Is the cluster ready for Flux? Ask before it is installed
fluxr check --pre
# Is the installation as it should be?
fluxr check";

/// Check requirements and installation
#[derive(clap::Args, Debug)]
#[command(after_help = EXAMPLES, mut_args(|arg| completion::columns(arg, || present::headers(&COLUMNS))))]
#[group(id = NO_WORDS)]
pub struct CheckArgs {
    /// Check only the prerequisites
    #[arg(long)]
    pre: bool,
    /// Accepted for compatibility; every controller of the installation is checked
    #[arg(long, value_parser = items, default_value = "source-controller,kustomize-controller,helm-controller,notification-controller", hide_short_help = true)]
    components: Vec<Items>,
    /// Accepted for compatibility; every controller of the installation is checked
    #[arg(long, value_name = "names,…", value_parser = items, hide_short_help = true)]
    components_extra: Vec<Items>,
    /// How often the controllers are checked if they cannot be watched
    #[arg(long, default_value = "5s", value_parser = crate::cli::go_duration, hide_short_help = true)]
    poll_interval: Duration,
    #[command(flatten)]
    output: OutputArgs,
}

static COLUMNS: [Column; 7] = [
    Column::field("area", "/area"),
    Column::field("ok", "/ok"),
    present::OBJECT,
    Column::field("namespace", "/namespace"),
    Column::field("message", "/message"),
    Column::field("images", "/images"),
    Column::field("hint", "/hint"),
];

impl CheckArgs {
    pub async fn run(self, context: &CommandContext) -> anyhow::Result<()> {
        let (output, sort) = (self.output.read()?, self.output.sort_by()?);
        let says_lines = matches!(output, Output::Table { wide: false });
        if says_lines && sort.is_some() {
            context.ui.warning("--sort-by is ignored without --output");
        }
        let client = context.client().await?;
        let options = ops::CheckOptions {
            kubernetes: Release::current().kubernetes,
            namespace: context.namespace.clone(),
            pre: self.pre,
            timeout: context.timeout,
            poll: self.poll_interval,
        };
        let mut findings = ops::CheckFindings::new(says_lines.then_some(&context.ui));
        let healthy = ops::check(&client, &mut findings, &options).await;
        if !says_lines {
            for finding in &mut findings.found {
                finding.hint = finding.hint.take().map(|hint| context.ui.invocation().complete(&hint));
            }
            let found = findings.found.iter().map(serde_json::to_value);
            let mut rows = found.collect::<Result<Vec<_>, _>>()?;
            if let Some(sort) = &sort {
                present::sort(sort, &mut rows, &COLUMNS)?;
            }
            let whole = json!({"healthy": healthy, "checks": rows});
            let document = Document { whole: &whole, rows: &rows, columns: &COLUMNS };
            document.show(&context.ui, &output, (context.now)().timestamp())?;
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
