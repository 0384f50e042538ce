//! `plugin list`.

use super::common;
use crate::cli::CommandContext;
use crate::cli::OutputArgs;
use crate::cli::completion;
use crate::cli::show::Document;
use crate::present;
use crate::present::Column;
use crate::present::Output;
use serde_json::Value;
use serde_json::json;

const EXAMPLES: &str = "\
# What is installed
fluxr plugin list
# As JSON
fluxr plugin list -o json";

/// List the plugins that are installed
#[derive(clap::Args, Debug)]
#[command(after_help = EXAMPLES, mut_args(|arg| completion::columns(arg, || present::headers(&COLUMNS))))]
pub struct PluginListArgs {
    #[command(flatten)]
    output: OutputArgs,
}

static COLUMNS: [Column; 3] =
    [Column::field("name", "/name"), Column::field("version", "/version"), Column::field("path", "/path")];

impl PluginListArgs {
    pub(super) fn run(self, context: &CommandContext) -> anyhow::Result<()> {
        let (output, sort) = (self.output.read()?, self.output.sort_by()?);
        let directory = common::directory(context)?;
        let row = |plugin: crate::ops::plugins::Plugin| {
            let receipt = directory.receipt(&plugin.name);
            json!({
                "apiVersion": common::API_VERSION,
                "kind": common::KIND,
                "name": plugin.name,
                // One that was put there by hand has no receipt.
                "version": receipt.map_or_else(|| "manual".to_owned(), |receipt| receipt.version),
                "path": plugin.path,
            })
        };
        let mut rows: Vec<Value> = common::installed(context, &directory).into_iter().map(row).collect();
        if rows.is_empty() && matches!(output, Output::Table { .. }) {
            return context.ui.line("No plugins found");
        }
        if let Some(sort) = &sort {
            present::sort(sort, &mut rows, &COLUMNS)?;
        }
        let whole = json!({"plugins": rows});
        let document = Document { whole: &whole, rows: &rows, columns: &COLUMNS };
        document.show(&context.ui, &output, (context.now)().timestamp())
    }
}
