//! A list that continues: first what is there, then every change, through dropped connections, expired versions and restarts.

use super::Listing;
use super::Selection;
use super::explain;
use super::objects::list_resource;
use super::objects::to_value;
use crate::api::object::text;
use futures::StreamExt;
use kube::api::WatchEvent;
use kube::api::WatchParams;
use kube::core::ApiResource;
use serde_json::Value;
use std::collections::HashMap;
use std::collections::HashSet;
use std::time::Duration;

/// What is reported about an object.
#[derive(Debug, Clone, Copy)]
pub enum News<'a> {
    /// It is there, and so it is now.
    Is(&'a Value),
    /// It was deleted; so it was last.
    Gone(&'a Value),
}

/// What is called with every change.
type See<'a> = &'a mut (dyn FnMut(News<'_>) -> anyhow::Result<()> + Send);

/// Calls `see` with every object of the first list, then with every later version of each, each once, and with what was deleted. Ends
/// only by an error of `see`, or a refusal (401, 403).
///
/// # Errors
/// An error of `see`; a refusal.
pub async fn follow_changes(
    client: &kube::Client,
    resource: &ApiResource,
    selection: &Selection,
    pause: Duration,
    first: Listing,
    see: See<'_>,
) -> anyhow::Result<()> {
    let doing = format!("watching {}", resource.plural);
    let (objects, mut version) = first;
    // What was shown of each object: a new list after a gap repeats nothing, and tells what was deleted meanwhile.
    let mut shown = Shown::new();
    for object in &objects {
        show(object, &mut shown, see)?;
    }
    loop {
        match changes(client, resource, selection, &mut version, &mut shown, see).await? {
            Gap::Resume => {}
            Gap::Relist => match list_resource(client, resource, selection).await {
                Ok((objects, newer)) => {
                    version = newer;
                    for object in &objects {
                        show(object, &mut shown, see)?;
                    }
                    let present: HashSet<String> = objects.iter().map(uid_of).collect();
                    let gone: Vec<String> =
                        shown.keys().filter(|uid| !present.contains(*uid)).cloned().collect();
                    for uid in gone {
                        if let Some(last) = shown.remove(&uid) {
                            see(News::Gone(&last))?;
                        }
                    }
                }
                Err(kube::Error::Api(status)) if matches!(status.code, 401 | 403) => {
                    return Err(explain(kube::Error::Api(status), &doing));
                }
                Err(_) => {}
            },
        }
        tokio::time::sleep(pause).await;
    }
}

/// The last shown version of every object, by UID.
type Shown = HashMap<String, Value>;

fn uid_of(object: &Value) -> String {
    text(object, "/metadata/uid").to_owned()
}

/// How to continue after a watch has ended.
enum Gap {
    /// The connection dropped: from the version last seen.
    Resume,
    /// That version is gone, or the server is: from a new list.
    Relist,
}

fn show(object: &Value, shown: &mut Shown, see: See<'_>) -> anyhow::Result<()> {
    let version = |object: &Value| object.pointer("/metadata/resourceVersion").cloned();
    let before = shown.insert(uid_of(object), object.clone());
    if before.is_some_and(|before| version(&before) == version(object)) {
        return Ok(());
    }
    see(News::Is(object))
}

async fn changes(
    client: &kube::Client,
    resource: &ApiResource,
    selection: &Selection,
    version: &mut String,
    shown: &mut Shown,
    see: See<'_>,
) -> anyhow::Result<Gap> {
    let mut parameters = WatchParams::default();
    let list = selection.parameters();
    parameters.field_selector = list.field_selector;
    parameters.label_selector = list.label_selector;
    let mut events = match selection.api(client, resource).watch(&parameters, version).await {
        Ok(events) => events.boxed(),
        Err(_) => return Ok(Gap::Relist),
    };
    while let Some(event) = events.next().await {
        match event {
            Ok(WatchEvent::Added(object) | WatchEvent::Modified(object)) => {
                if let Some(newer) = &object.metadata.resource_version {
                    version.clone_from(newer);
                }
                show(&to_value(resource, object)?, shown, see)?;
            }
            Ok(WatchEvent::Deleted(object)) => {
                if let Some(newer) = &object.metadata.resource_version {
                    version.clone_from(newer);
                }
                let object = to_value(resource, object)?;
                shown.remove(&uid_of(&object));
                see(News::Gone(&object))?;
            }
            Ok(WatchEvent::Bookmark(mark)) => version.clone_from(&mark.metadata.resource_version),
            Ok(WatchEvent::Error(_)) => return Ok(Gap::Relist),
            Err(_) => return Ok(Gap::Resume),
        }
    }
    Ok(Gap::Resume)
}
