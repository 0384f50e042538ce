//! `create alert`.

use super::common;
use super::common::SharedArgs;
use super::fields::some;
use super::references;
use crate::api::meta::LocalObjectReference;
use crate::api::notification::alert::ALERT;
use crate::api::notification::alert::AlertSpec;
use crate::api::notification::alert::EventSource;
use crate::api::notification::provider::PROVIDER;
use crate::cli::CommandContext;
use crate::cli::completion;
use crate::cli::list_flag;
use crate::cli::list_flag::Items;
use crate::cli::list_flag::items;
use crate::kind::KINDS;
use crate::ops::create::Manner;

const EXAMPLES: &str = "\
# Tell of everything that happens to the objects of two kinds
fluxr create alert team --provider-ref=chat \\
  --event-source=Kustomization/* --event-source=HelmRelease/*
# Tell only of failures of one object in another namespace
fluxr create alert database --provider-ref=chat --event-severity=error \\
  --event-source=HelmRelease/postgres.databases --export > alert.yaml";

/// Create or update an Alert resource
#[derive(clap::Args, Debug)]
#[command(after_help = EXAMPLES)]
pub struct AlertArgs {
    /// Name of the object
    #[arg(value_name = "name", add = completion::names_of(&ALERT))]
    name: Vec<String>,
    /// Provider to notify
    #[arg(long, value_name = "name", add = completion::names_of(&PROVIDER))]
    provider_ref: String,
    /// Objects whose events are sent, <kind>/<name>[.<namespace>]; the name * means all of the kind
    #[arg(long, value_name = "objects,…", value_parser = items, add = completion::by(|line, word| references::candidates(line, word, KINDS.iter().copied())))]
    event_source: Vec<Items>,
    /// Minimum severity: info or error
    #[arg(long, add = completion::words(["info", "error"]))]
    event_severity: String,
}

impl AlertArgs {
    pub(super) async fn run(self, shared: SharedArgs, context: &CommandContext) -> anyhow::Result<()> {
        let name = common::name_of(&self.name)?;
        anyhow::ensure!(!self.provider_ref.is_empty(), "provider ref is required");
        let sources = list_flag::each(&self.event_source).map(event_source);
        let event_sources = sources.collect::<anyhow::Result<Vec<_>>>()?;
        anyhow::ensure!(!event_sources.is_empty(), "at least one event source is required");
        let labels = shared.labels()?;
        shared.announce(context, ALERT.kind);
        let spec = AlertSpec {
            provider_ref: LocalObjectReference { name: self.provider_ref },
            event_severity: some(&self.event_severity).map(|severity| severity.as_str().into()),
            event_sources,
            ..AlertSpec::default()
        };
        let object = common::object(&ALERT, name, &context.namespace, labels, &spec)?;
        let manner = Manner::ready(ALERT.kind, name);
        common::export_or_apply(&shared, context, &ALERT, &object, &manner).await.map(drop)
    }
}

fn event_source(text: &str) -> anyhow::Result<EventSource> {
    let (kind, address) = references::kind_and_name(text);
    anyhow::ensure!(!kind.is_empty(), "invalid event source '{text}', must be in format <kind>/<name>");
    let (name, namespace) = references::name_and_namespace(address);
    Ok(EventSource {
        kind: kind.into(),
        name: name.to_owned(),
        namespace: some(namespace),
        ..EventSource::default()
    })
}
