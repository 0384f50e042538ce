//! `history`: what was live when, and through whom.

use crate::api::object;
use crate::cli::CommandContext;
use crate::cli::Exit;
use crate::cli::OutputArgs;
use crate::cli::completion;
use crate::cli::go_int;
use crate::cli::help_text;
use crate::cli::named_objects;
use crate::cli::show::Document;
use crate::ops::history;
use crate::ops::history::History;
use crate::ops::history::HistoryRequest;
use crate::present;
use crate::present::Column;
use crate::present::Output;
use crate::text::GoDuration;
use crate::text::shorten_hex;
use anyhow::Context as _;
use jiff::Timestamp;
use serde_json::Value;
use serde_json::json;

const EXAMPLES: &str = "\
# What was live when, who committed it, and how it ended
fluxr history ks/app
# The same of several objects, as one timeline
fluxr history ks/app hr/app
# What changed in the cluster since yesterday
fluxr history -A --since=24h
# With charts, digests and messages
fluxr history -A -o wide";

/// Show what was live when, who committed it, and how it ended
#[derive(clap::Args, Debug)]
#[command(after_help = EXAMPLES, mut_args(|arg| completion::columns(arg, || present::headers(&COLUMNS))))]
pub struct HistoryArgs {
    /// Only of these objects: <kind>/<name> each, or kind and name of one
    #[arg(id = "object", value_name = "KIND/NAME", num_args = 0.., add = completion::by(completion::objects))]
    words: Vec<String>,
    /// The history of all namespaces
    #[arg(long, short = 'A', help_heading = help_text::SELECTION)]
    all_namespaces: bool,
    /// Maximum number of entries for each object (0: all)
    #[arg(long, value_name = "count", default_value = "0", value_parser = go_int, help_heading = help_text::SELECTION)]
    limit: i64,
    /// Only what was live since then: a duration such as 24h, or a time in RFC 3339
    #[arg(long, value_name = "time", default_value = "", hide_default_value = true, help_heading = help_text::SELECTION)]
    since: String,
    #[command(flatten)]
    output: OutputArgs,
}

/// The usual columns, followed by those of `-o wide`. The first is the namespace, the second the object.
static COLUMNS: [Column; 17] = [
    Column::field("namespace", "/namespace"),
    present::OBJECT,
    Column::own(
        "revision",
        |row| row.get("revision").cloned(),
        |row, _| shorten_hex(object::text(row, "/revision")),
    ),
    Column::ago("first", "/first"),
    Column::ago("last", "/last"),
    Column::field("status", "/status"),
    Column::own("took", |row| row.get("duration").cloned(), |row, _| took(object::text(row, "/duration"))),
    Column::field("request", "/commit/request"),
    Column::field("author", "/commit/author"),
    Column::field("subject", "/commit/subject"),
    Column::field("count", "/count"),
    Column::field("chart", "/chart"),
    Column::field("app version", "/appVersion"),
    Column::field("origin", "/originRevision"),
    Column::own(
        "digest",
        |row| row.get("digest").cloned(),
        |row, _| shorten_hex(object::text(row, "/digest")),
    ),
    Column::field("email", "/commit/email"),
    Column::field("message", "/message"),
];
const USUAL: usize = 10;

impl HistoryArgs {
    pub async fn run(self, context: &CommandContext) -> anyhow::Result<()> {
        let (output, sort) = (self.output.read()?, self.output.sort_by()?);
        let now = (context.now)().timestamp();
        let since = (!self.since.is_empty()).then(|| moment(&self.since, now)).transpose()?;
        let objects = named_objects(&self.words)?;
        for (kind, _) in &objects {
            let known: Vec<&str> = history::kinds().map(|kind| kind.kind).collect();
            anyhow::ensure!(
                kind.past.is_some(),
                "{} keeps no history; {} do",
                kind.kind,
                known.join(" and ")
            );
        }
        let Ok(limit) = usize::try_from(self.limit) else {
            anyhow::bail!(
                "--limit must not be negative: it takes the most entries for each object, or 0 for all"
            );
        };
        let request = HistoryRequest {
            objects: &objects,
            all_namespaces: self.all_namespaces,
            limit: (limit > 0).then_some(limit),
            since,
            proxy: &context.proxy(),
        };
        let History { entries, has_older, failures, warnings } =
            history::history(&context.session().await?, &request).await?;
        let rows: Result<Vec<Value>, _> = entries.iter().map(serde_json::to_value).collect();
        let mut rows = rows?;
        if let Some(sort) = &sort {
            present::sort(sort, &mut rows, &COLUMNS)?;
        }
        // `complete`: whether all kinds could be listed.
        let whole = json!({"entries": rows, "complete": failures.is_empty()});
        let is_wide = matches!(output, Output::Table { wide: true });
        let first = usize::from(!self.all_namespaces) * (1 + usize::from(objects.len() == 1));
        let columns = &COLUMNS[first..if is_wide { COLUMNS.len() } else { USUAL }];
        if rows.is_empty() && matches!(output, Output::Table { .. }) {
            context.ui.warning(match since {
                Some(since) if has_older => format!("nothing ended since {since}"),
                _ => "no history found".to_owned(),
            });
        } else {
            Document { whole: &whole, rows: &rows, columns }.show(&context.ui, &output, now)?;
        }
        warnings.iter().for_each(|warning| context.ui.warning(warning));
        failures.iter().for_each(|failure| context.ui.error(failure));
        if failures.is_empty() { Ok(()) } else { Err(Exit::silent(1).into()) }
    }
}

/// A duration as people read it; a document has it as the controller wrote it.
fn took(text: &str) -> String {
    match text.parse::<GoDuration>() {
        Ok(duration) => duration.rounded().to_string(),
        Err(_) => text.to_owned(),
    }
}

/// A moment that lies back, from RFC 3339 or from a duration until now.
fn moment(text: &str, now: Timestamp) -> anyhow::Result<Timestamp> {
    let since = match text.parse::<GoDuration>() {
        Ok(duration) => now.checked_sub(duration.0).ok(),
        Err(_) => text.parse::<Timestamp>().ok(),
    };
    since.with_context(|| {
        format!(
            "--since \"{text}\" is neither a moment such as 2026-01-31T18:00:00Z nor a duration such as 24h"
        )
    })
}
