//! `events`: what the controllers reported, once or on and on.

use crate::api::object;
use crate::api::object::text;
use crate::cli::CommandContext;
use crate::cli::Exit;
use crate::cli::OutputArgs;
use crate::cli::completion;
use crate::cli::completion::Line;
use crate::cli::help_text;
use crate::cli::list_flag;
use crate::cli::list_flag::Items;
use crate::cli::list_flag::items;
use crate::cli::show;
use crate::cli::show::Strip;
use crate::cluster;
use crate::cluster::News;
use crate::kind;
use crate::kind::KINDS;
use crate::ops::events;
use crate::ops::events::EventScope;
use crate::ops::events::Places;
use crate::ops::events::reporting_kind;
use crate::present;
use crate::present::Column;
use crate::present::Output;
use crate::present::list_of;
use crate::text::age;
use futures::future::try_join_all;
use serde_json::Value;
use std::sync::Mutex;
use std::sync::PoisonError;

const EXAMPLES: &str = "\
# What happened to an application and to all that it comes from
fluxr events --for=Kustomization/app
# Warnings of all namespaces, as they come
fluxr events -A --types=Warning --watch";

/// The types of events.
const TYPES: [&str; 2] = ["Normal", "Warning"];

/// Show what was reported about the objects of Flux
#[derive(clap::Args, Debug)]
#[command(after_help = EXAMPLES, mut_args(|arg| completion::columns(arg, || present::headers(&COLUMNS))))]
pub struct EventsArgs {
    /// Show the events of all namespaces
    #[arg(long, short = 'A', help_heading = help_text::SELECTION)]
    all_namespaces: bool,
    /// Only the events of one kind, or of one object and what it depends on: <kind>[/<name>]
    #[arg(long = "for", value_name = "kind[/name]", help_heading = help_text::SELECTION, add = completion::by(reporting))]
    about: String,
    /// Only events of these types: Normal, Warning
    #[arg(long, value_parser = items, help_heading = help_text::SELECTION, add = completion::by(|_, _| TYPES.map(str::to_owned).to_vec()))]
    types: Vec<Items>,
    #[command(flatten)]
    output: OutputArgs,
    /// After listing, watch for changes
    #[arg(long, short = 'w', help_heading = help_text::OUTPUT)]
    watch: bool,
}

impl EventsArgs {
    pub async fn run(self, context: &CommandContext) -> anyhow::Result<()> {
        for wanted in list_flag::each(&self.types) {
            anyhow::ensure!(
                TYPES.iter().any(|known| known.eq_ignore_ascii_case(wanted)),
                "type '{wanted}' not supported. Supported types are Normal, Warning"
            );
        }
        let (wanted, output, sort) = (self.wanted()?, self.output.read()?, self.output.sort_by()?);
        let client = context.client().await?;
        let places = events::places(&client, &wanted, &context.namespace, self.all_namespaces).await?;
        if self.watch {
            if sort.is_some() {
                context.ui.warning("--sort-by is ignored with --watch");
            }
            return self.watch(&client, &places, &output, context).await;
        }
        let found = events::events(&client, &places);
        let (found, failures) = cluster::in_time(context.timeout, "error getting events", found).await?;
        let mut found: Vec<Value> = found.into_iter().filter(|event| self.admits(event)).collect();
        let now = (context.now)().timestamp();
        if let Some(sort) = &sort {
            present::sort(sort, &mut found, columns(&places, true))?;
        }
        match output {
            Output::Machine(format) => context.ui.data(&format.render(&list_of(found), true)?)?,
            Output::Table { .. } if found.is_empty() => context.ui.failure(if self.all_namespaces {
                "No events found.".to_owned()
            } else {
                format!("No events found in {} namespace.", context.namespace)
            }),
            Output::Table { wide } => {
                show::table(&context.ui, &present::table(columns(&places, wide), &found, now), true)?;
            }
        }
        for failure in &failures {
            context.ui.error(failure);
        }
        if failures.is_empty() { Ok(()) } else { Err(Exit::silent(1).into()) }
    }

    fn wanted(&self) -> anyhow::Result<EventScope> {
        if self.about.is_empty() {
            return Ok(EventScope::Everything);
        }
        let parts: Vec<&str> = self.about.split('/').collect();
        // A text that is not of two parts is taken for a kind as a whole.
        let (kind, name) = match parts[..] {
            ["", kind] => (kind, ""),
            [kind, name] => (kind, name),
            _ => (self.about.as_str(), ""),
        };
        anyhow::ensure!(!kind.is_empty(), "--for selector must be of format <kind>[/<name>]");
        let kind = events::reporting_kind(kind)?;
        Ok(if name.is_empty() { EventScope::Kind(kind) } else { EventScope::Object(kind, name.to_owned()) })
    }

    fn admits(&self, event: &Value) -> bool {
        let found = event["type"].as_str().unwrap_or_default();
        let mut wanted = list_flag::each(&self.types).peekable();
        wanted.peek().is_none() || wanted.any(|wanted| wanted.eq_ignore_ascii_case(found))
    }

    async fn watch(
        &self,
        client: &kube::Client,
        places: &Places,
        output: &Output,
        context: &CommandContext,
    ) -> anyhow::Result<()> {
        let resource = cluster::EVENT.api_resource();
        let deadline = context.deadline;
        let lists = places.selections.iter().map(|place| cluster::list_resource(client, &resource, place));
        let lists = try_join_all(lists).await.map_err(|error| cluster::explain(error, "watching events"))?;
        let columns = columns(places, matches!(output, Output::Table { wide: true }));
        let row_now = |event: &Value| present::cells(columns, event, (context.now)().timestamp());
        let is_shown = |event: &Value| events::is_about_flux(event) && self.admits(event);
        let known = lists.iter().flat_map(|(events, _)| events).filter(|event| is_shown(event));
        let strip = Mutex::new(Strip::new(present::headers(columns), known.map(row_now).collect(), true));
        let follows = places.selections.iter().zip(lists).map(async |(place, list)| {
            let mut see = |change: News<'_>| -> anyhow::Result<()> {
                // An event that is deleted has only become too old to be kept.
                let News::Is(event) = change else { return Ok(()) };
                if !is_shown(event) {
                    return Ok(());
                }
                let mut strip = strip.lock().unwrap_or_else(PoisonError::into_inner);
                match output {
                    Output::Machine(format) => {
                        let mut event = event.clone();
                        cluster::drop_managed_fields(&mut event);
                        context.ui.data(&format.render_next(&event, strip.begins(), true)?)
                    }
                    Output::Table { .. } => strip.show(&context.ui, row_now(event)),
                }
            };
            cluster::follow_changes(client, &resource, place, context.poll, list, &mut see).await
        });
        let all = try_join_all(follows);
        if !context.timeout_was_given {
            return all.await.map(drop);
        }
        // A limit that was asked for ends a watch, as upstream without an error.
        deadline.cut(all).await.map_or(Ok(()), |ended| ended.map(drop))
    }
}

/// All columns: the first is there when events of several namespaces are shown, the last with `-o wide`.
static COLUMNS: [Column; 7] = [
    Column::field("namespace", "/metadata/namespace"),
    Column::own(
        "last seen",
        |event| events::last_seen(event).map(|moment| moment.as_millisecond().into()),
        last_seen,
    ),
    Column::field("type", "/type"),
    Column::field("reason", "/reason"),
    Column::value("object", |event| Some(involved(event).into())),
    Column::field("message", "/message"),
    Column::value("source", |event| Some(source(event).into())),
];

fn columns(places: &Places, wide: bool) -> &'static [Column] {
    let first = usize::from(!places.is_across_namespaces);
    let end = COLUMNS.len() - usize::from(!wide);
    &COLUMNS[first..end]
}

fn involved(event: &Value) -> String {
    format!("{}/{}", text(event, "/involvedObject/kind"), text(event, "/involvedObject/name"))
}

/// The program that reported it.
fn source(event: &Value) -> &str {
    match text(event, "/reportingComponent") {
        "" => text(event, "/source/component"),
        component => component,
    }
}

/// What `events --for` takes: the kinds by their whole names only.
fn reporting(line: &Line, word: &str) -> Vec<String> {
    let kinds = KINDS.iter().copied().filter(|kind| reporting_kind(kind.kind).is_ok());
    let mut found = completion::of_kinds(word, kinds, |kind| {
        reporting_kind(kind).ok().map(|of| completion::names(line, of))
    });
    found.retain(|one| one.split_once('/').is_some_and(|(kind, _)| kind::by_name(kind).is_some()));
    found
}

/// `5m`, or `5m (x3 over 2h)` for an event that came again.
fn last_seen(event: &Value, now: jiff::Timestamp) -> String {
    let ago = |pointer: &str| {
        let moment = object::moment(event, pointer);
        moment.map(|moment| age((now - moment).get_seconds()))
    };
    let unknown = || "<unknown>".to_owned();
    let first = ago("/eventTime").or_else(|| ago("/firstTimestamp")).unwrap_or_else(unknown);
    let (at, count) = if events::is_series(event) {
        ("/series/lastObservedTime", object::number(event, "/series/count").unwrap_or_default())
    } else {
        match event["count"].as_i64() {
            Some(count) if count > 1 => ("/lastTimestamp", count),
            _ => return first,
        }
    };
    format!("{} (x{count} over {first})", ago(at).unwrap_or_else(unknown))
}
