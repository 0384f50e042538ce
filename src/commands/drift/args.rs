//! The flags of `drift`, and what becomes of the reports.

use super::document;
use super::lines;
use super::markdown;
use crate::api::Kind;
use crate::api::Role;
use crate::cli::CommandContext;
use crate::cli::Exit;
use crate::cli::completion;
use crate::cli::help_text;
use crate::cli::named_objects;
use crate::ops::drift;
use crate::ops::drift::DriftRequest;
use crate::ops::drift::Outcome;
use crate::ops::drift::Report;
use crate::present::Output;
use crate::text::hints;
use crate::text::json;
use crate::text::with_hint;
use crate::text::yaml;

const EXAMPLES: &str = "\
# Has anything that this Kustomization applied been changed by hand?
fluxr drift ks/app
# Everything in the cluster, as a document
fluxr drift -A -o json
# A report for an issue
fluxr drift --all -o markdown";

/// The forms of `--output`.
const FORMATS: [&str; 3] = ["json", "yaml", "markdown"];

/// Show what differs between the cluster and Git
///
/// Each Kustomization is built from the commit that it has applied, and compared with the cluster by server-side dry runs. Nothing is changed, and values of Secrets are masked.
///
/// The exit code is 0 without drift, 1 with drift, and 2 after a failure.
#[derive(clap::Args, Debug)]
#[command(after_help = EXAMPLES)]
pub struct DriftArgs {
    /// The Kustomizations to compare: kustomization/<name> each, or kind and name of one
    #[arg(id = "object", value_name = "KIND/NAME", num_args = 0.., add = completion::by(completion::objects))]
    words: Vec<String>,
    /// Compare all Kustomizations of the namespace
    #[arg(long, help_heading = help_text::SELECTION)]
    all: bool,
    /// Compare the Kustomizations of all namespaces
    #[arg(long, short = 'A', help_heading = help_text::SELECTION)]
    all_namespaces: bool,
    /// Format of the output: json, yaml or markdown
    #[arg(long, short = 'o', value_name = "format", default_value = "", hide_default_value = true, add = completion::words(FORMATS), help_heading = help_text::OUTPUT)]
    output: String,
}

/// How the reports are shown.
#[derive(Clone, Copy)]
enum Form {
    Lines,
    Json,
    Yaml,
    Markdown,
}

impl DriftArgs {
    pub async fn run(self, context: &CommandContext) -> anyhow::Result<()> {
        let is_drift = self.compare(context).await.map_err(|error| Exit::failing(2, error))?;
        if is_drift { Err(Exit::silent(1).into()) } else { Ok(()) }
    }

    /// Whether there is any drift.
    async fn compare(&self, context: &CommandContext) -> anyhow::Result<bool> {
        let form = self.form()?;
        let request = DriftRequest {
            names: self.names()?,
            all_namespaces: self.all_namespaces,
            elsewhere: context.elsewhere(),
        };
        let session = context.session().await?;
        let comparing = context.ui.spinner("comparing");
        let reports = drift::drift(&session, &request).await?;
        drop(comparing);
        match form {
            Form::Lines => context.ui.show(&lines::of(&reports, context.ui.out.colour))?,
            Form::Json => context.ui.data(&(json::pretty(&document::of(&reports), "  ") + "\n"))?,
            Form::Yaml => context.ui.data(&yaml::to_string(&document::of(&reports)))?,
            Form::Markdown => context.ui.data(&markdown::of(&reports))?,
        }
        if reports.is_empty() {
            context.ui.warning("there are no Kustomizations");
        }
        for report in &reports {
            if let Outcome::Skipped(reason) = &report.outcome {
                context.ui.warning(format!("{} is not compared: {reason}", report.kustomization));
            }
            for error in report.errors() {
                let told = anyhow::anyhow!("{}: {error:#}", report.kustomization);
                context.ui.error(&hints(error).into_iter().fold(told, with_hint));
            }
        }
        let failed = reports.iter().filter(|report| !report.errors().is_empty()).count();
        anyhow::ensure!(failed == 0, "{failed} of {} Kustomizations could not be compared", reports.len());
        let is_skipped = |report: &Report| matches!(report.outcome, Outcome::Skipped(_));
        let is_named = !request.names.is_empty();
        anyhow::ensure!(!is_named || !reports.iter().any(is_skipped), "not all could be compared");
        Ok(reports.iter().any(Report::is_drift))
    }

    fn form(&self) -> anyhow::Result<Form> {
        match self.output.as_str() {
            "" => Ok(Form::Lines),
            "json" => Ok(Form::Json),
            "yaml" => Ok(Form::Yaml),
            "markdown" => Ok(Form::Markdown),
            other => Err(Output::refused(other, &["json", "yaml", "markdown"])),
        }
    }

    /// The names that were given; none means all.
    fn names(&self) -> anyhow::Result<Vec<String>> {
        let is_all = self.all || self.all_namespaces;
        anyhow::ensure!(!is_all || self.words.is_empty(), "names and --all or -A exclude each other");
        anyhow::ensure!(is_all || !self.words.is_empty(), "specify Kustomizations, --all or -A");
        let name = |(kind, name): (&'static Kind, String)| {
            anyhow::ensure!(
                kind.has(Role::Builder),
                "{} objects are not compared, only Kustomizations are",
                kind.kind
            );
            Ok(name)
        };
        named_objects(&self.words)?.into_iter().map(name).collect()
    }
}
