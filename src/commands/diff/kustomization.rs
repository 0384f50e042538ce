//! `diff kustomization`: what an apply of local files would change in the cluster.

use super::document;
use super::lines;
use super::lines::Layout;
use super::markdown;
use crate::api::kustomize::kustomization::KUSTOMIZATION;
use crate::cli::BuildKustomizationArgs;
use crate::cli::CommandContext;
use crate::cli::Exit;
use crate::cli::ShownPath;
use crate::cli::completion;
use crate::cli::help_text;
use crate::ops::diff;
use crate::ops::diff::Differences;
use crate::ops::several;
use crate::present::Output;
use crate::render::report;
use crate::render::report::Paint;
use crate::text::WithHint;
use crate::text::hints;
use crate::text::json;
use crate::text::with_hint;
use serde_json::Value;
use std::collections::HashSet;

const EXAMPLES: &str = "\
# What would the files of this checkout change?
fluxr diff kustomization apps --path ./deploy
# The same as a comment for a pull request
fluxr diff kustomization apps --path ./deploy -o markdown
# All Kustomizations of a fleet repository
fluxr diff ks --all --local-sources GitRepository/flux-system/app=.
# Before the Kustomization itself is in the cluster
fluxr diff ks app --path deploy --kustomization-file a.yaml --ignore-not-found";

/// Show what local files would change in the cluster
///
/// The Kustomization is built as `build kustomization` does, and the API server is asked by server-side dry runs what an apply would change. Nothing is applied, values of Secrets are masked.
///
/// The exit code is 0 without changes, 1 with changes, and 2 after a failure.
#[derive(clap::Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(super) struct DiffKustomization {
    #[arg(id = "name", value_name = "NAME", num_args = 0.., add = completion::names_of(&KUSTOMIZATION))]
    names: Vec<String>,
    #[command(flatten)]
    build: BuildKustomizationArgs,
    /// Take the Kustomization from the file if the cluster does not have it
    #[arg(long)]
    ignore_not_found: bool,
    /// Show progress on a terminal
    #[arg(long, default_value_t = true, hide_short_help = true)]
    progress_bar: bool,
    /// Exit with 1 if there are changes
    #[arg(long, default_value_t = true)]
    exit_code: bool,
    /// Format of the output: json or markdown
    #[arg(long, short = 'o', value_name = "format", add = completion::words(["json", "markdown"]), help_heading = help_text::OUTPUT)]
    output: String,
}

/// How differences are shown.
#[derive(Clone, Copy)]
enum Form {
    Lines,
    Json,
    Markdown,
}

impl DiffKustomization {
    pub(super) async fn run(self, (): (), context: &CommandContext) -> anyhow::Result<()> {
        let compared = self.compare(context).await;
        let is_change = compared.map_err(|error| Exit::failing(2, error))?;
        if is_change && self.exit_code {
            context.ui.warning("identified at least one change, exiting with non-zero exit code");
            return Err(Exit::silent(1).into());
        }
        Ok(())
    }

    /// Whether there is any change.
    async fn compare(&self, context: &CommandContext) -> anyhow::Result<bool> {
        let form = self.form()?;
        let wanted = self.build.wanted(&self.names, ShownPath::AsGiven)?;
        let mut like = self.build.request(context)?;
        like.may_be_new = self.ignore_not_found;
        if self.ignore_not_found && self.build.file().is_none() {
            return Err(anyhow::anyhow!("kustomization file is required when assuming new kustomizations"))
                .hint("--kustomization-file names it");
        }
        let client = context.client().await?;
        let deadline = context.deadline;
        let comparing = self.progress_bar.then(|| context.ui.spinner("comparing"));
        let deprecations = like.settings.deprecations.clone();
        let several = several::requests(Some(&client), wanted, like, deadline).await?;
        let compared = async {
            let mut found = Vec::new();
            for request in &several.requests {
                found.push(diff::diff(&client, request, deadline).await?);
            }
            anyhow::Ok(found)
        };
        let compared = compared.await;
        drop(comparing);
        deprecations.tell(&context.ui);
        let found = compared?;
        several.skipped.iter().for_each(|reason| context.ui.warning(reason));
        show(context, form, &found)?;
        let is_change = found.iter().any(Differences::is_change);
        match joined(&found.into_iter().flat_map(|one| one.errors).collect::<Vec<_>>()) {
            Some(error) => Err(error),
            None => Ok(is_change),
        }
    }

    fn form(&self) -> anyhow::Result<Form> {
        match self.output.as_str() {
            "" => Ok(Form::Lines),
            "json" => Ok(Form::Json),
            "markdown" => Ok(Form::Markdown),
            other => Err(Output::refused(other, &["json", "markdown"])),
        }
    }
}

fn show(context: &CommandContext, form: Form, found: &[Differences]) -> anyhow::Result<()> {
    match form {
        Form::Lines => {
            let layout = Layout {
                width: context.ui.width().unwrap_or(report::WIDTH),
                is_terminal: context.ui.out.is_terminal,
                paint: Paint::of(context.ui.out.colour, context.env.get("COLORTERM")),
            };
            let painted = lines::of(found, layout);
            context.ui.show(&painted)
        }
        Form::Json => {
            let document: Value = document::of(found)?;
            context.ui.data(&(json::pretty(&document, "  ") + "\n"))
        }
        Form::Markdown => context.ui.data(&markdown::of(found)),
    }
}

/// Several errors as one, in the form of Go's aggregates: each once, and with all their hints.
fn joined(errors: &[anyhow::Error]) -> Option<anyhow::Error> {
    let mut seen = HashSet::new();
    let lines = errors.iter().map(|error| format!("{error:#}"));
    let told: Vec<String> = lines.filter(|line| seen.insert(line.clone())).collect();
    let whole = match told.as_slice() {
        [] => return None,
        [one] => anyhow::anyhow!("{one}"),
        several => anyhow::anyhow!("[{}]", several.join(", ")),
    };
    Some(errors.iter().flat_map(hints).fold(whole, with_hint))
}
