//! `plugin search`.

use super::common;
use crate::cli::CommandContext;
use crate::cli::OutputArgs;
use crate::cli::completion;
use crate::cli::show::Document;
use crate::cli::word_at_most;
use crate::ops::plugins::Entry;
use crate::present;
use crate::present::Column;
use crate::present::Output;
use crate::text::quoted;
use serde_json::Value;
use serde_json::json;

const EXAMPLES: &str = "\
# Everything that the catalog has
fluxr plugin search
# What has to do with a word
fluxr plugin search operator";

/// Search the catalog of plugins
#[derive(clap::Args, Debug)]
#[command(after_help = EXAMPLES, mut_args(|arg| completion::columns(arg, || present::headers(&COLUMNS))))]
pub struct PluginSearchArgs {
    /// Part of the name or description (default: everything)
    #[arg(value_name = "query", num_args = 0..)]
    query: Vec<String>,
    #[command(flatten)]
    output: OutputArgs,
}

static COLUMNS: [Column; 3] = [
    Column::field("name", "/name"),
    Column::field("description", "/description"),
    Column::field("installed", "/installed"),
];

impl PluginSearchArgs {
    pub(super) async fn run(self, context: &CommandContext) -> anyhow::Result<()> {
        let query = word_at_most(&self.query)?.unwrap_or_default();
        let (output, sort) = (self.output.read()?, self.output.sort_by()?);
        let directory = common::directory(context)?;
        let entries = common::catalog(context).entries().await?;
        let word = query.to_lowercase();
        let is_wanted = |entry: &Entry| {
            [&entry.name, &entry.description].iter().any(|text| text.to_lowercase().contains(&word))
        };
        let row = |entry: Entry| {
            let mut row = json!({
                "apiVersion": common::API_VERSION,
                "kind": common::KIND,
                "name": entry.name,
                "description": entry.description,
            });
            for field in ["homepage", "source", "license"] {
                if let Some(value) = entry.whole.get(field) {
                    row[field] = value.clone();
                }
            }
            if let Some(receipt) = directory.receipt(&entry.name) {
                row["installed"] = json!(receipt.version);
            }
            row
        };
        let mut rows: Vec<Value> = entries.into_iter().filter(is_wanted).map(row).collect();
        if rows.is_empty() && matches!(output, Output::Table { .. }) {
            return context.ui.line(&match query {
                "" => "No plugins found in catalog".to_owned(),
                _ => format!("No plugins matching {} found in catalog", quoted(&word)),
            });
        }
        if let Some(sort) = &sort {
            present::sort(sort, &mut rows, &COLUMNS)?;
        }
        let whole = json!({"plugins": rows});
        let document = Document { whole: &whole, rows: &rows, columns: &COLUMNS };
        document.show(&context.ui, &output, (context.now)().timestamp())
    }
}
