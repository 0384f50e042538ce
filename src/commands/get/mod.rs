//! `get`: objects and how they are, as a table or as `kubectl` writes them, once or on and on.

mod live;
mod target;
mod view;

use crate::cli::CommandContext;
use crate::cli::OutputArgs;
use crate::cli::SelectionArgs;
use crate::cli::completion;
use crate::cli::help_text;
use crate::cluster::Selection;
use crate::ops::get::ColumnsWanted;
use crate::ops::get::Rows;
use crate::ops::get::StatusSelector;
use crate::ops::get::all_columns;
use crate::present::Output;
use crate::present::SortBy;
use target::KindSelection;
use view::View;

/// Show objects and their status
#[derive(clap::Args, Debug)]
#[command(mut_args(|arg| completion::columns(arg, all_columns)))]
pub struct GetArgs {
    #[command(flatten)]
    objects: SelectionArgs,
    /// Leave out the header
    #[arg(long, global = true, help_heading = help_text::OUTPUT)]
    no_header: bool,
    #[command(flatten)]
    output: OutputArgs,
    /// Only objects with this condition, e.g. ready=false or ready!=true
    #[arg(long, global = true, help_heading = help_text::SELECTION)]
    status_selector: String,
    /// After listing, watch for changes
    #[arg(long, short = 'w', global = true, help_heading = help_text::OUTPUT)]
    watch: bool,
    #[command(subcommand)]
    target: KindSelection,
}

impl GetArgs {
    pub async fn run(self, context: &CommandContext) -> anyhow::Result<()> {
        let (output, sort) = (self.output.read()?, self.output.sort_by()?);
        let columns = ColumnsWanted {
            all_namespaces: self.objects.all_namespaces,
            show_source: matches!(&self.target, KindSelection::One(one) if one.verb.show_source),
            wide: matches!(output, Output::Table { wide: true }),
        };
        let kinds = match &self.target {
            KindSelection::One(one) => &[one.kind][..],
            KindSelection::Many { kinds, .. } => kinds,
        };
        let status = StatusSelector::parse(&self.status_selector)?;
        let rows = Rows::new(kinds, &columns, status, (context.now)().timestamp());
        if self.watch && sort.is_some() {
            context.ui.warning("--sort-by is ignored with --watch");
        }
        let name = match &self.target {
            KindSelection::One(one) => &one.verb.name,
            KindSelection::Many { name, .. } => name,
        };
        let selection = Selection {
            name: name.clone(),
            whole: matches!(output, Output::Machine(_)) || sort.as_ref().is_some_and(SortBy::is_path),
            ..self.objects.selection(&context.namespace)?
        };
        let client = context.client().await?;
        let view = View { context, client, output, with_header: !self.no_header, rows, sort, selection };
        match &self.target {
            KindSelection::One(one) if self.watch => view.watch(one.kind).await,
            KindSelection::One(one) => view.list(one.kind).await,
            KindSelection::Many { kinds, .. } if self.watch => view.watch_all(kinds).await,
            KindSelection::Many { kinds, .. } => view.list_all(kinds).await,
        }
    }
}
