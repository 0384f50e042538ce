//! `events`: what the controllers reported, once or on and on.

use super::Context;
use crate::cluster;
use crate::ops::events;
use crate::ops::events::Places;
use crate::ops::events::Wanted;
use crate::text::Table;
use crate::text::age;
use anyhow::Context as _;
use futures::future::try_join_all;
use serde_json::Value;
use std::sync::Mutex;
use std::sync::PoisonError;

/// Display Kubernetes events for Flux resources
#[derive(clap::Args, Debug)]
pub struct EventsArgs {
    /// Show the events of all namespaces
    #[arg(long, short = 'A')]
    all_namespaces: bool,
    /// Only the events of one kind, or of one object and what it depends on: <kind>[/<name>]
    #[arg(long = "for", value_name = "string", default_value = "", hide_default_value = true)]
    about: String,
    /// Only events of these types: Normal, Warning
    #[arg(long, value_name = "strings", value_delimiter = ',')]
    types: Vec<String>,
    /// After showing, go on with every event
    #[arg(long, short = 'w')]
    watch: bool,
}

impl EventsArgs {
    pub async fn run(self, context: &Context) -> anyhow::Result<()> {
        for wanted in &self.types {
            anyhow::ensure!(
                ["Normal", "Warning"].iter().any(|known| known.eq_ignore_ascii_case(wanted)),
                "type '{wanted}' not supported. Supported types are Normal, Warning"
            );
        }
        let wanted = self.wanted()?;
        let client = context.client().await?;
        let places = events::places(&client, &wanted, &context.namespace, self.all_namespaces).await?;
        if self.watch {
            return self.watch(&client, &places, context).await;
        }
        let found = tokio::time::timeout(context.timeout, events::events(&client, &places))
            .await
            .context("error getting events: context deadline exceeded")??;
        let now = (context.now)().timestamp();
        let rows: Vec<_> =
            found.iter().filter(|event| self.admits(event)).map(|event| row(event, &places, now)).collect();
        if rows.is_empty() {
            context.ui.failure(if self.all_namespaces {
                "No events found.".to_owned()
            } else {
                format!("No events found in {} namespace.", context.namespace)
            });
            return Ok(());
        }
        context.ui.data(&Table { header: header(&places), rows }.render(true))
    }

    fn wanted(&self) -> anyhow::Result<Wanted> {
        if self.about.is_empty() {
            return Ok(Wanted::Everything);
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
        Ok(if name.is_empty() { Wanted::Kind(kind) } else { Wanted::Object(kind, name.to_owned()) })
    }

    fn admits(&self, event: &Value) -> bool {
        let found = event["type"].as_str().unwrap_or_default();
        self.types.is_empty() || self.types.iter().any(|wanted| wanted.eq_ignore_ascii_case(found))
    }

    async fn watch(&self, client: &kube::Client, places: &Places, context: &Context) -> anyhow::Result<()> {
        let resource = events::resource();
        let first = Mutex::new(true);
        let follows = places.selections.iter().map(async |place| {
            let mut see = |event: &Value| -> anyhow::Result<()> {
                if !events::is_about_flux(event) || !self.admits(event) {
                    return Ok(());
                }
                let rows = vec![row(event, places, (context.now)().timestamp())];
                let with_header = std::mem::take(&mut *first.lock().unwrap_or_else(PoisonError::into_inner));
                context.ui.data(&Table { header: header(places), rows }.render(with_header))
            };
            cluster::follow(client, &resource, place, context.poll, &mut see).await
        });
        let all = try_join_all(follows);
        if !context.timeout_was_given {
            return all.await.map(drop);
        }
        // A limit that somebody asked for ends a watch, as upstream without an error.
        tokio::time::timeout(context.timeout, all).await.map_or(Ok(()), |ended| ended.map(drop))
    }
}

fn header(places: &Places) -> Vec<String> {
    let namespace = places.is_across_namespaces.then_some("namespace");
    let columns = ["last seen", "type", "reason", "object", "message"];
    namespace.into_iter().chain(columns).map(str::to_owned).collect()
}

fn row(event: &Value, places: &Places, now: jiff::Timestamp) -> Vec<String> {
    let text = |pointer: &str| event.pointer(pointer).and_then(Value::as_str).unwrap_or_default().to_owned();
    let namespace = places.is_across_namespaces.then(|| text("/metadata/namespace"));
    let object = format!("{}/{}", text("/involvedObject/kind"), text("/involvedObject/name"));
    let cells = [last_seen(event, now), text("/type"), text("/reason"), object, text("/message")];
    namespace.into_iter().chain(cells).collect()
}

/// `5m`, or `5m (x3 over 2h)` for an event that came again.
fn last_seen(event: &Value, now: jiff::Timestamp) -> String {
    let ago = |pointer: &str| {
        let moment = events::moment(event, pointer);
        moment.map(|moment| age((now - moment).get_seconds()))
    };
    let unknown = || "<unknown>".to_owned();
    let first = ago("/eventTime").or_else(|| ago("/firstTimestamp")).unwrap_or_else(unknown);
    let series = event.pointer("/series/count").and_then(Value::as_i64);
    let count = event["count"].as_i64().filter(|count| *count > 1);
    match (series, count) {
        (Some(count), _) => {
            format!("{} (x{count} over {first})", ago("/series/lastObservedTime").unwrap_or_else(unknown))
        }
        (None, Some(count)) => {
            format!("{} (x{count} over {first})", ago("/lastTimestamp").unwrap_or_else(unknown))
        }
        (None, None) => first,
    }
}
