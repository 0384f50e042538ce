//! `create receiver`.

use super::common;
use super::common::SharedArgs;
use super::fields;
use super::receiver_type;
use super::receiver_type::receiver_type;
use super::references;
use crate::api::notification::receiver::RECEIVER;
use crate::api::notification::receiver::ReceiverResource;
use crate::api::notification::receiver::ReceiverSpec;
use crate::api::notification::receiver::ReceiverType;
use crate::api::object;
use crate::cli::CommandContext;
use crate::cli::completion;
use crate::cli::help_text;
use crate::cli::list_flag;
use crate::cli::list_flag::Items;
use crate::cli::list_flag::items;
use crate::kind::KINDS;
use crate::ops::create::Manner;
use anyhow::Context as _;

const EXAMPLES: &str = "\
# A webhook for GitHub: pushes make a repository be fetched at once
fluxr create receiver app --type=github --event=ping --event=push \\
  --secret-ref=webhook-token --resource=GitRepository/app";

/// Create or update a Receiver resource
#[derive(clap::Args, Debug)]
#[command(after_help = EXAMPLES)]
pub struct ReceiverArgs {
    /// Name of the object
    #[arg(value_name = "name", add = completion::names_of(&RECEIVER))]
    name: Vec<String>,
    /// Who calls the webhook, and so how a call is verified: generic, generic-hmac, github, gitlab, bitbucket, harbor, dockerhub, quay, gcr, nexus, acr or cdevents
    #[arg(long, value_name = receiver_type::TYPES, value_parser = receiver_type)]
    r#type: Option<ReceiverType>,
    /// Secret with the token of the webhook
    #[arg(long, value_name = "secret", help_heading = help_text::AUTHENTICATION)]
    secret_ref: String,
    /// Events to handle (default: all)
    #[arg(long, value_parser = items)]
    event: Vec<Items>,
    /// Objects to reconcile when the webhook is called, <kind>/<name>
    #[arg(long, value_name = "objects,…", value_parser = items, add = completion::by(|line, word| references::candidates(line, word, KINDS.iter().copied())))]
    resource: Vec<Items>,
}

impl ReceiverArgs {
    pub(super) async fn run(self, shared: SharedArgs, context: &CommandContext) -> anyhow::Result<()> {
        let name = common::name_of(&self.name)?;
        let receiver_type = self.r#type.context("Receiver type is required")?;
        anyhow::ensure!(!self.secret_ref.is_empty(), "secret ref is required");
        let resources = list_flag::each(&self.resource).map(resource).collect::<anyhow::Result<Vec<_>>>()?;
        anyhow::ensure!(!resources.is_empty(), "atleast one resource is required");
        let labels = shared.labels()?;
        shared.announce(context, RECEIVER.kind);
        let spec = ReceiverSpec {
            r#type: receiver_type,
            events: fields::list(&self.event),
            resources,
            secret_ref: fields::reference(&self.secret_ref),
            ..ReceiverSpec::default()
        };
        let object = common::object(&RECEIVER, name, &context.namespace, labels, &spec)?;
        let manner = Manner::ready(RECEIVER.kind, name);
        let made = common::export_or_apply(&shared, context, &RECEIVER, &object, &manner).await?;
        if let Some(ready) = made {
            let path = object::text(&ready, "/status/webhookPath");
            context.ui.success(format!("generated webhook URL {path}"));
        }
        Ok(())
    }
}

fn resource(text: &str) -> anyhow::Result<ReceiverResource> {
    let (kind, name) = references::kind_and_name(text);
    anyhow::ensure!(!kind.is_empty(), "invalid event source '{text}', must be in format <kind>/<name>");
    Ok(ReceiverResource { kind: kind.into(), name: name.to_owned(), ..ReceiverResource::default() })
}
