//! `stats`: how many objects of each kind run, fail and are suspended.

use crate::cli::CommandContext;
use crate::cli::Exit;
use crate::cli::NO_WORDS;
use crate::cli::OutputArgs;
use crate::cli::completion;
use crate::cli::help_text;
use crate::cli::show::Document;
use crate::cluster;
use crate::ops;
use crate::present;
use crate::present::Column;
use crate::present::Output;
use crate::text;
use serde_json::Value;
use serde_json::json;

const EXAMPLES: &str = "\
# How many objects of each kind run and fail, in all namespaces
fluxr stats -A
# As JSON, those with failures last
fluxr stats -A -o json --sort-by=failing";

/// Count the objects of each kind: running, failing, suspended
#[derive(clap::Args, Debug)]
#[command(after_help = EXAMPLES, mut_args(|arg| completion::columns(arg, || present::headers(&COLUMNS))))]
#[group(id = NO_WORDS)]
pub struct StatsArgs {
    /// Count the objects of all namespaces
    #[arg(long, short = 'A', global = true, help_heading = help_text::SELECTION)]
    all_namespaces: bool,
    #[command(flatten)]
    output: OutputArgs,
}

/// The usual columns, and behind them those of `-o wide`.
static COLUMNS: [Column; 7] = [
    Column::field("reconcilers", "/kind"),
    Column::field("running", "/running"),
    Column::field("failing", "/failing"),
    Column::field("suspended", "/suspended"),
    Column::own(
        "storage",
        |row| row.get("storageBytes").cloned(),
        |row, _| size(row["storageBytes"].as_u64()),
    ),
    Column::field("total", "/total"),
    Column::field("api version", "/apiVersion"),
];
const USUAL: usize = 5;

impl StatsArgs {
    pub async fn run(self, context: &CommandContext) -> anyhow::Result<()> {
        let (output, sort) = (self.output.read()?, self.output.sort_by()?);
        let client = context.client().await?;
        let namespace = (!self.all_namespaces).then_some(context.namespace.as_str());
        let counting = ops::stats(&client, namespace);
        let stats = cluster::in_time(context.timeout, "counting the objects", counting).await?;
        let mut rows: Vec<Value> = stats.counts.iter().map(row).collect();
        if let Some(sort) = &sort {
            present::sort(sort, &mut rows, &COLUMNS)?;
        }
        // `complete`: whether every kind could be listed.
        let whole = json!({"reconcilers": rows, "complete": stats.failures.is_empty()});
        let is_wide = matches!(output, Output::Table { wide: true });
        let columns = if is_wide { &COLUMNS[..] } else { &COLUMNS[..USUAL] };
        let document = Document { whole: &whole, rows: &rows, columns };
        document.show(&context.ui, &output, (context.now)().timestamp())?;
        for failure in &stats.failures {
            context.ui.error(failure);
        }
        if stats.failures.is_empty() { Ok(()) } else { Err(Exit::silent(1).into()) }
    }
}

/// The numbers of a kind, and the bytes of its artifacts.
fn row(count: &ops::Count) -> Value {
    json!({
        "apiVersion": count.api_version, "kind": count.kind, "running": count.running, "failing": count.failing,
        "suspended": count.suspended, "total": count.running + count.suspended, "storageBytes": count.storage,
    })
}

/// Nothing is a dash.
fn size(bytes: Option<u64>) -> String {
    bytes.filter(|bytes| *bytes > 0).map_or_else(|| "-".to_owned(), text::binary_size)
}
