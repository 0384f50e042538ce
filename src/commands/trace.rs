//! `trace`: from an object in the cluster back to its source.

use crate::api::ObjectId;
use crate::api::Role;
use crate::cli::CommandContext;
use crate::cli::Exit;
use crate::cli::OutputArgs;
use crate::cli::completion;
use crate::cli::completion::Line;
use crate::cli::show::Document;
use crate::cluster;
use crate::cluster::BUILT_IN;
use crate::kind;
use crate::kind::KINDS;
use crate::ops::find;
use crate::ops::trace;
use crate::ops::trace::Ready;
use crate::ops::trace::Stage;
use crate::ops::trace::Trace;
use crate::ops::trace::TraceFact;
use crate::present;
use crate::present::Column;
use crate::present::Output;
use crate::present::SortBy;
use anyhow::Context as _;
use serde_json::Value;
use serde_json::json;
use std::collections::BTreeSet;
use std::fmt::Write;

const EXAMPLES: &str = "\
# Which commit did a Deployment come from?
fluxr trace deployment web -n default
# The same for an object of any kind, in columns
fluxr trace configmap/settings -n default -o wide";

/// Show where an object in the cluster comes from, back to its source
#[derive(clap::Args, Debug)]
#[command(after_help = EXAMPLES, mut_args(|arg| completion::columns(arg, || present::headers(&COLUMNS))))]
pub struct TraceArgs {
    /// Kind and names, or kind/name several times
    #[arg(value_name = "RESOURCE", num_args = 0.., add = completion::by(traced))]
    words: Vec<String>,
    /// Kind of the object, e.g. Deployment; with --api-version, instead of arguments
    #[arg(long, add = completion::by(|_, _| kinds_and_versions().map(|(kind, _)| kind).collect()))]
    kind: String,
    /// API version of the object, e.g. apps/v1
    #[arg(long, add = completion::by(|line, _| versions(line)))]
    api_version: String,
    #[command(flatten)]
    output: OutputArgs,
}

static COLUMNS: [Column; 6] = [
    present::OBJECT,
    Column::field("namespace", "/namespace"),
    Column::field("ready", "/ready/status"),
    Column::field("revision", "/revision"),
    Column::ago("last change", "/ready/lastTransitionTime"),
    Column::field("message", "/ready/message"),
];

/// All traces as one document, whose rows are the objects on the way: what was traced, and behind it the stages to its source.
fn show_all(
    traces: &[Trace],
    output: &Output,
    sort: Option<&SortBy>,
    context: &CommandContext,
) -> anyhow::Result<()> {
    let mut rows = Vec::new();
    for trace in traces {
        rows.push(serde_json::to_value(&trace.object)?);
        for stage in &trace.stages {
            rows.push(serde_json::to_value(stage)?);
        }
    }
    if let Some(sort) = sort {
        present::sort(sort, &mut rows, &COLUMNS)?;
    }
    let document = Document { whole: &json!({"traces": traces}), rows: &rows, columns: &COLUMNS };
    document.show(&context.ui, output, (context.now)().timestamp())
}

/// One failure; the other objects are still traced.
fn say_failed(context: &CommandContext, object: &Value, error: &anyhow::Error) {
    let ObjectId { kind, name, namespace, .. } = ObjectId::of(object);
    let what = format!("failed to trace {kind}/{name} in namespace {namespace}");
    context.ui.note(&format!("{what}: {error:#}"));
    context.ui.hints(error);
}

/// An object that is asked for: its kind in whatever word, and its name.
#[derive(Debug, PartialEq, Eq)]
struct NamedObject {
    word: String,
    name: String,
}

impl TraceArgs {
    pub async fn run(self, context: &CommandContext) -> anyhow::Result<()> {
        cluster::in_time(context.timeout, "tracing", self.trace(context)).await
    }

    async fn trace(&self, context: &CommandContext) -> anyhow::Result<()> {
        let (output, sort) = (self.output.read()?, self.output.sort_by()?);
        let says_report = matches!(output, Output::Table { wide: false });
        if sort.is_some() && !output.is_of_rows() {
            let ours = "-o name, wide or custom-columns";
            context
                .ui
                .warning(format!("--sort-by is ignored: stages are shown in order; {ours} can be sorted"));
        }
        let sort = sort.filter(|_| output.is_of_rows());
        let objects = self.objects(says_report, context).await?;
        let client = context.client().await?;
        let mut has_failed = false;
        let mut traces = Vec::new();
        for (number, object) in objects.iter().enumerate() {
            if number > 0 && says_report {
                context.ui.line("---")?;
            }
            match trace::trace(&client, object).await {
                Ok(trace) if !says_report => traces.push(trace),
                Ok(trace) => context.ui.data(&report(&trace, &(context.now)().time_zone().clone()))?,
                Err(error) => {
                    say_failed(context, object, &error);
                    has_failed = true;
                }
            }
        }
        if !says_report {
            show_all(&traces, &output, sort.as_ref(), context)?;
        }
        if has_failed { Err(Exit::silent(1).into()) } else { Ok(()) }
    }

    async fn objects(&self, says_report: bool, context: &CommandContext) -> anyhow::Result<Vec<Value>> {
        if self.kind.is_empty() && self.api_version.is_empty() {
            let targets = targets(&self.words)?;
            let client = context.client().await?;
            if let [NamedObject { word, name }] = &targets[..]
                && name.is_empty()
            {
                cluster::resource_named(&client, word).await?;
                anyhow::bail!("resource(s) were provided, but no name was specified");
            }
            let mut objects = Vec::new();
            for target in targets {
                objects.push(find::by_word(&client, &target.word, &context.namespace, &target.name).await?);
            }
            return Ok(objects);
        }
        let name = self.words.first().context("object name is required")?;
        anyhow::ensure!(!self.kind.is_empty(), "object kind is required (--kind)");
        anyhow::ensure!(!self.api_version.is_empty(), "object apiVersion is required (--api-version)");
        anyhow::ensure!(
            self.api_version.matches('/').count() < 2,
            "invaild apiVersion: unexpected GroupVersion string: {}",
            self.api_version
        );
        let client = context.client().await?;
        let (version, kind) = (&self.api_version, &self.kind);
        let mut object = find::by_version(&client, version, kind, &context.namespace, name).await?;
        if says_report {
            // As it was called.
            object["kind"] = json!(self.kind);
        }
        Ok(vec![object])
    }
}

/// The objects that the words name, as kubectl reads them.
fn targets(words: &[String]) -> anyhow::Result<Vec<NamedObject>> {
    let target = |word: &str, name: &str| NamedObject { word: word.to_owned(), name: name.to_owned() };
    let slashes = words.iter().filter(|word| word.contains('/')).count();
    let (first, names) = match words.split_first() {
        None => anyhow::bail!("either `<resource>/<name>` or `<resource> <name>` is required as an argument"),
        Some((first, names)) if slashes == 0 => (first, names),
        Some((first, names)) if !names.is_empty() && first.contains(',') && slashes < words.len() => {
            (first, names)
        }
        Some(_) => {
            anyhow::ensure!(
                slashes == words.len(),
                "there is no need to specify a resource type as a separate argument when passing arguments in \
                 resource/name form"
            );
            return words.iter().map(|word| pair(word)).collect();
        }
    };
    if names.is_empty() {
        // Whether that is a kind at all is for the cluster to say.
        return Ok(vec![target(first.split(',').next().unwrap_or(first), "")]);
    }
    let kinds = first.split(',').filter(|kind| !kind.is_empty());
    Ok(kinds.flat_map(|kind| names.iter().map(move |name| target(kind, name))).collect())
}

fn pair(word: &str) -> anyhow::Result<NamedObject> {
    match word.split('/').collect::<Vec<_>>()[..] {
        [kind, name] => {
            anyhow::ensure!(
                !kind.is_empty() && !name.is_empty() && !kind.contains(','),
                "arguments in resource/name form must have a single resource and name"
            );
            Ok(NamedObject { word: kind.to_owned(), name: name.to_owned() })
        }
        _ => anyhow::bail!("arguments in resource/name form may not have more than one slash"),
    }
}

/// The report as people read it.
fn report(trace: &Trace, zone: &jiff::tz::TimeZone) -> String {
    let is_helm = trace.stages.first().is_some_and(|stage| kind::has(&stage.object.kind, Role::Installer));
    let width = if is_helm { 16 } else { 17 };
    let ObjectId { kind, name, namespace, .. } = &trace.object.object;
    let mut text = String::from("\n");
    line(&mut text, width, "Object", &format!("{kind}/{name}"));
    if !namespace.is_empty() {
        line(&mut text, width, "Namespace", namespace);
    }
    line(&mut text, width, "Status", "Managed by Flux");
    for stage in &trace.stages {
        text.push_str("---\n");
        show(&mut text, stage, is_helm, zone);
    }
    text
}

fn line(text: &mut String, width: usize, label: &str, value: &str) {
    let _ = writeln!(text, "{:<width$}{value}", format!("{label}:"));
}

fn show(text: &mut String, stage: &Stage, is_helm: bool, zone: &jiff::tz::TimeZone) {
    let ObjectId { kind, name, namespace, .. } = &stage.object;
    let known = kind::by_name(kind).and_then(|kind| kind.stage);
    let (behind_kustomization, behind_release) = known.map(|known| known.widths).unwrap_or_default();
    let width = if is_helm { behind_release } else { behind_kustomization };
    line(text, width, kind, name);
    line(text, width, "Namespace", namespace);
    for TraceFact { label, value } in &stage.facts {
        match value {
            Some(value) => line(text, width, label, value),
            None => text.push('\n'),
        }
    }
    let Some(Ready { status, last_transition_time, message }) = &stage.ready else {
        line(text, width, "Status", "Unknown");
        return;
    };
    let tells_failure = known.is_some_and(|known| known.tells_failure);
    let outcome = if tells_failure && status == "False" { "reconciliation failed" } else { "reconciled" };
    line(text, width, "Status", &format!("Last {outcome} at {}", moment(last_transition_time, zone)));
    line(text, width, "Message", message);
}

/// A time as Go prints it: `2026-01-02 03:04:05 +0000 UTC`.
fn moment(time: &str, zone: &jiff::tz::TimeZone) -> String {
    match time.parse::<jiff::Timestamp>() {
        Ok(moment) => moment.to_zoned(zone.clone()).strftime("%Y-%m-%d %H:%M:%S %z %Z").to_string(),
        Err(_) => time.to_owned(),
    }
}

/// What the words can be: objects, or a kind and then names.
fn traced(line: &Line, word: &str) -> Vec<String> {
    let names = |kind: &str| match kind::by_word(kind) {
        Some(ours) => completion::names(line, ours),
        None => completion::names_of_any(line, kind),
    };
    match line.values("words").first().filter(|first| !first.contains('/')) {
        Some(kind) => names(kind),
        None => {
            let mut found = completion::of_kinds(word, KINDS.iter().copied(), |kind| Some(names(kind)));
            if !word.contains('/') {
                found.extend(BUILT_IN.iter().map(|kind| format!("{}/", kind.kind.to_lowercase())));
                let short = BUILT_IN.iter().flat_map(|kind| kind.short).filter(|short| **short == word);
                found.extend(short.map(|short| format!("{short}/")));
            }
            found
        }
    }
}

/// Kinds and their API versions, Flux's first.
fn kinds_and_versions() -> impl Iterator<Item = (String, String)> {
    let ours = KINDS.iter().map(|kind| (kind.kind.to_owned(), kind.api_version()));
    ours.chain(BUILT_IN.iter().map(|kind| (kind.kind.to_owned(), kind.api_version())))
}

/// The version of the kind that is given, else all.
fn versions(line: &Line) -> Vec<String> {
    let given = line.values("kind");
    let fits = |kind: &str| given.first().is_none_or(|given| given.eq_ignore_ascii_case(kind));
    let found = kinds_and_versions().filter(|(kind, _)| fits(kind)).map(|(_, version)| version);
    found.collect::<BTreeSet<String>>().into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(line: &str) -> Result<Vec<(String, String)>, String> {
        let words: Vec<String> = line.split_whitespace().map(str::to_owned).collect();
        let found = targets(&words).map_err(|error| error.to_string())?;
        Ok(found.into_iter().map(|target| (target.word, target.name)).collect())
    }

    #[test]
    fn kinds_and_names_are_divided_by_a_blank_or_a_slash() {
        let wanted = |pairs: &[(&str, &str)]| {
            Ok(pairs.iter().map(|(kind, name)| ((*kind).to_owned(), (*name).to_owned())).collect())
        };
        assert_eq!(named("deploy web"), wanted(&[("deploy", "web")]));
        assert_eq!(named("deploy web api"), wanted(&[("deploy", "web"), ("deploy", "api")]));
        assert_eq!(named("deploy/web cm/settings"), wanted(&[("deploy", "web"), ("cm", "settings")]));
        assert_eq!(named("deploy,svc web"), wanted(&[("deploy", "web"), ("svc", "web")]));
        assert!(named("").unwrap_err().contains("is required as an argument"));
        assert_eq!(named("deploy"), wanted(&[("deploy", "")]));
        assert!(named("deploy/web api").unwrap_err().contains("resource/name form"));
        assert!(named("deploy/web/x").unwrap_err().contains("more than one slash"));
        assert!(named("deploy/").unwrap_err().contains("a single resource and name"));
    }

    #[test]
    fn times_are_shown_in_the_zone_of_the_reader() {
        let zone = jiff::tz::TimeZone::get("Europe/Vienna").unwrap();
        assert_eq!(moment("2026-01-02T03:04:05Z", &zone), "2026-01-02 04:04:05 +0100 CET");
        assert_eq!(moment("2026-01-02T03:04:05Z", &jiff::tz::TimeZone::UTC), "2026-01-02 03:04:05 +0000 UTC");
    }
}
