//! `promote`: promotes the versions of one environment to another.

use crate::cli::ChangeArgs;
use crate::cli::CommandContext;
use crate::cli::OutputArgs;
use crate::cli::change_args;
use crate::cli::completion;
use crate::cli::list_flag;
use crate::cli::list_flag::Items;
use crate::cli::list_flag::items;
use crate::cli::show::Document;
use crate::cluster;
use crate::ops::change;
use crate::ops::change::Promoted;
use crate::ops::change::Promotion;
use crate::ops::change::Side;
use crate::present;
use crate::present::Column;
use crate::present::Output;
use crate::text::WithHint;
use crate::text::check_path_in_repository;
use serde_json::Value;
use serde_json::json;
use std::sync::Mutex;
use std::sync::PoisonError;

const EXAMPLES: &str = "\
# What would production get from staging?
fluxr promote --from=./clusters/staging --to=./clusters/production --dry-run
# One chart, as the cluster of a context runs it
fluxr promote --from=staging --to=./clusters/production --only=podinfo --push
# Everything but the databases, as a pull request
fluxr promote --from=./apps/staging --to=./apps/production \\
  --except='postgres*' --pull-request";

/// Promote the versions of one environment to another, with a commit
///
/// Promotes images, chart versions and source references that both environments declare: of objects of the same kind, namespace and name, or of the same kind and name if the environments have namespaces of their own, and of images of the same name. Branches and ranges of versions stay as they are.
#[derive(clap::Args, Debug)]
#[command(after_help = EXAMPLES, mut_args(|arg| completion::columns(change_args::everyday(arg), || present::headers(&COLUMNS))))]
pub struct PromoteArgs {
    /// Where the versions come from: a folder of the repository, or a context of the kubeconfig for what that cluster runs
    #[arg(long, value_name = "path|context", default_value = "", hide_default_value = true, add = completion::by(|line, _| completion::contexts(line)))]
    from: String,
    /// Folder of the repository to promote them to
    #[arg(long, value_name = "path", default_value = "", hide_default_value = true)]
    to: String,
    /// Promote only images and objects that match
    #[arg(long, value_name = "names", value_parser = items)]
    only: Vec<Items>,
    /// Skip images and objects that match
    #[arg(long, value_name = "names", value_parser = items)]
    except: Vec<Items>,
    /// Promote older versions too
    #[arg(long)]
    force: bool,
    #[command(flatten)]
    output: OutputArgs,
    #[command(flatten)]
    change: ChangeArgs,
}

static COLUMNS: [Column; 4] = [
    Column::field("object", "/object"),
    Column::field("name", "/name"),
    Column::field("from", "/from"),
    Column::field("to", "/to"),
];

impl PromoteArgs {
    pub async fn run(self, context: &CommandContext) -> anyhow::Result<()> {
        let (output, sort) = (self.output.read()?, self.output.sort_by()?);
        for (flag, value) in [("--from", &self.from), ("--to", &self.to)] {
            anyhow::ensure!(!value.is_empty(), "{flag} is required");
        }
        self.change.needs_destination()?;
        let is_table = matches!(output, Output::Table { .. });
        let promotion = Promotion {
            from: self.side(context).await?,
            only: list_flag::all(&self.only),
            except: list_flag::all(&self.except),
            is_forced: self.force,
            tells_all: context.verbose,
            is_for_program: !is_table,
        };
        let task = self.change.task_at(context, &self.to).await?;
        let last = Mutex::new(Vec::new());
        let table = |rows: &[Value]| -> anyhow::Result<()> {
            let mut rows = rows.to_vec();
            if let Some(sort) = &sort {
                present::sort(sort, &mut rows, &COLUMNS)?;
            }
            let whole = json!({"changes": rows});
            let now = (context.now)().timestamp();
            Document { whole: &whole, rows: &rows, columns: &COLUMNS }.show(&context.ui, &output, now)
        };
        let show = |promoted: &[Promoted]| {
            let rows: Vec<Value> = promoted.iter().map(|one| row(one, is_table)).collect();
            let mut last = last.lock().unwrap_or_else(PoisonError::into_inner);
            if *last == rows {
                return Ok(());
            }
            last.clone_from(&rows);
            if is_table { table(&rows) } else { Ok(()) }
        };
        change::promote(&task, &promotion, &show).await?;
        if is_table { Ok(()) } else { table(&last.into_inner().unwrap_or_else(PoisonError::into_inner)) }
    }

    /// Where the versions come from. A context goes first: a folder of the same name is written with `./`.
    async fn side(&self, context: &CommandContext) -> anyhow::Result<Side> {
        let of_kubeconfig = context.access.read_kubeconfig()?;
        let mut contexts = of_kubeconfig.into_iter().flat_map(|config| config.contexts);
        if !contexts.any(|known| known.name == self.from) {
            check_path_in_repository("--from", &self.from)?;
            return Ok(Side::Folder(self.from.clone()));
        }
        let access = context.access.at_context(&self.from);
        let client = cluster::connect(&access).await?;
        let reading = Side::of_cluster(&self.from, &client);
        let read = context.deadline.bound("the cluster to answer", reading).await;
        read.map_err(|error| {
            error.context(format!("reading what the cluster of the context \"{}\" runs", self.from))
        })
        .hint(format!("write ./{} if a folder of the repository is meant", self.from))
    }
}

fn row(promoted: &Promoted, is_table: bool) -> Value {
    let Promoted { object, name, from, to, document } = promoted;
    if is_table { json!({"object": object, "name": name, "from": from, "to": to}) } else { document.clone() }
}
