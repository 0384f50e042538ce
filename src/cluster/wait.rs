//! Waiting for objects: one list and one watch for each kind and namespace, however many objects of it are waited for.

use super::Deadline;
use super::Listing;
use super::News;
use super::Selection;
use super::TimedOut;
use super::explain;
use super::follow_changes;
use super::is_hopeless;
use super::is_not_found;
use super::is_refusal;
use super::list_resource;
use super::resource_of;
use crate::api::Kind;
use crate::api::object;
use crate::api::object::text;
use futures::future::try_join_all;
use kube::core::ApiResource;
use serde_json::Value;
use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::sync::Mutex;
use std::sync::MutexGuard;
use std::sync::PoisonError;
use std::time::Duration;

/// How long a silent watch is believed before the objects are listed again; a connection that died without a word would otherwise look
/// like objects that never change.
const WATCH_LIMIT: Duration = Duration::from_secs(20);

/// One object that is waited for.
#[derive(Debug, Clone)]
pub struct WatchedObject {
    pub resource: ApiResource,
    /// `None` if the kind has no namespaces.
    pub namespace: Option<String>,
    pub name: String,
}

impl WatchedObject {
    /// An object of one of Flux's kinds.
    pub fn of(kind: &Kind, namespace: &str, name: &str) -> Self {
        Self { resource: kind.api_resource(), namespace: Some(namespace.to_owned()), name: name.to_owned() }
    }

    /// The object that a manifest describes.
    ///
    /// # Errors
    /// As [`resource_of`].
    pub async fn of_manifest(client: &kube::Client, manifest: &Value) -> anyhow::Result<Self> {
        let (resource, is_namespaced) =
            resource_of(client, text(manifest, "/apiVersion"), object::kind(manifest)).await?;
        let namespace = is_namespaced.then(|| match object::namespace(manifest) {
            "" => "default".to_owned(),
            namespace => namespace.to_owned(),
        });
        Ok(Self { resource, namespace, name: object::name(manifest).to_owned() })
    }
}

/// What a look at an object says: that it got there, why it has not, or that no waiting helps.
pub type Verdict<T> = anyhow::Result<ControlFlow<T, String>>;

/// How the waiting for one object ended.
#[derive(Debug)]
pub enum Outcome<T> {
    Done(T),
    Failed(anyhow::Error),
    /// The time is up; the reason that was seen last.
    Left(String),
}

/// How long to wait, and how.
#[derive(Debug, Clone, Copy)]
pub struct Patience {
    pub deadline: Deadline,
    /// The pause where no watch tells the news.
    pub poll: Duration,
    /// A kind that the API server does not have, or a server that is not reached, ends the waiting when it is met first. Otherwise the
    /// objects of such a kind count as absent, and the server is asked again.
    pub is_strict: bool,
}

/// Waits for all targets at once. `judge` is given the position of a target and the object, `None` while it is not there, whenever there
/// are news of it, until it breaks or fails.
///
/// # Errors
/// A refusal of the API server (401, 403); what [`Patience::is_strict`] says.
pub async fn wait_for<T: Send>(
    client: &kube::Client,
    targets: &[WatchedObject],
    patience: Patience,
    judge: impl FnMut(usize, Option<&Value>) -> Verdict<T> + Send,
) -> anyhow::Result<Vec<Outcome<T>>> {
    let never = || Outcome::Left("it was never observed".to_owned());
    let judge =
        Judge { judge: Mutex::new(judge), outcomes: Mutex::new(targets.iter().map(|_| never()).collect()) };
    let mut places: BTreeMap<(&str, &str, Option<&str>), Vec<usize>> = BTreeMap::new();
    for (place, target) in targets.iter().enumerate() {
        let ApiResource { group, plural, .. } = &target.resource;
        places.entry((group, plural, target.namespace.as_deref())).or_default().push(place);
    }
    let groups: Vec<Group<'_, _, _>> = places
        .into_values()
        .map(|places| Group { targets, judge: &judge, patience, waiting: Mutex::new(places) })
        .collect();
    let all = try_join_all(groups.iter().map(|group| group.wait(client)));
    if let Some(ended) = patience.deadline.cut(all).await {
        ended?;
    }
    drop(groups);
    Ok(judge.outcomes.into_inner().unwrap_or_else(PoisonError::into_inner))
}

/// Waits for one object; `what` names it when the time is up.
///
/// # Errors
/// Those of `judge`; [`TimedOut`]; as [`wait_for`].
pub async fn until<T: Send>(
    client: &kube::Client,
    target: &WatchedObject,
    what: &str,
    patience: Patience,
    mut judge: impl FnMut(Option<&Value>) -> Verdict<T> + Send,
) -> anyhow::Result<T> {
    let targets = std::slice::from_ref(target);
    let mut outcomes = wait_for(client, targets, patience, |_, object| judge(object)).await?;
    match outcomes.swap_remove(0) {
        Outcome::Done(done) => Ok(done),
        Outcome::Failed(error) => Err(error),
        Outcome::Left(last) => Err(TimedOut { what: what.to_owned(), last }.into()),
    }
}

/// What judges the targets, and what came of each.
struct Judge<T, J> {
    judge: Mutex<J>,
    outcomes: Mutex<Vec<Outcome<T>>>,
}

/// Targets of one kind in one namespace.
struct Group<'a, T, J> {
    targets: &'a [WatchedObject],
    judge: &'a Judge<T, J>,
    patience: Patience,
    /// The positions of those that are still waited for.
    waiting: Mutex<Vec<usize>>,
}

/// Every target of a group is done: it ends the watch.
#[derive(Debug, thiserror::Error)]
#[error("all is done")]
struct AllDone;

impl<T: Send, J: FnMut(usize, Option<&Value>) -> Verdict<T> + Send> Group<'_, T, J> {
    async fn wait(&self, client: &kube::Client) -> anyhow::Result<()> {
        let mut is_first = self.patience.is_strict;
        while let Some((resource, selection)) = self.selection() {
            match list_resource(client, resource, &selection).await {
                Ok(listing) => self.look(client, resource, &selection, listing).await?,
                Err(error) if is_refusal(&error) || is_first && is_fatal(&error) => {
                    return Err(explain(error, &format!("listing {}", resource.plural)));
                }
                Err(error) => {
                    match is_not_found(&error) {
                        true => self.judge(|_| Some(None)),
                        false => self.note(&explain(error, &format!("listing {}", resource.plural))),
                    }
                    tokio::time::sleep(self.patience.poll).await;
                }
            }
            is_first = false;
        }
        Ok(())
    }

    /// Looks at a list and then at every change, until all are done or a watch was silent for too long.
    async fn look(
        &self,
        client: &kube::Client,
        resource: &ApiResource,
        selection: &Selection,
        listing: Listing,
    ) -> anyhow::Result<()> {
        let is_listed = |name: &str| listing.0.iter().any(|object| object::name(object) == name);
        self.judge(|target| (!is_listed(&target.name)).then_some(None));
        if self.is_done() {
            return Ok(());
        }
        let mut see = |change: News<'_>| {
            let (News::Is(object) | News::Gone(object)) = change;
            let is_there = matches!(change, News::Is(_));
            let name = object::name(object);
            self.judge(|target| (target.name == name).then(|| is_there.then_some(object)));
            if self.is_done() { Err(AllDone.into()) } else { Ok(()) }
        };
        let follow =
            follow_changes(client, resource, selection, self.patience.poll, listing.clone(), &mut see);
        match tokio::time::timeout(WATCH_LIMIT, follow).await {
            Ok(Err(error)) if !error.is::<AllDone>() => Err(error),
            _ => Ok(()),
        }
    }

    /// What to list: one object, or all of the namespace.
    fn selection(&self) -> Option<(&ApiResource, Selection)> {
        let waiting = lock(&self.waiting);
        let first = &self.targets[*waiting.first()?];
        let name = (waiting.len() == 1).then(|| first.name.clone());
        let selection = Selection { namespace: first.namespace.clone(), name, ..Selection::default() };
        Some((&first.resource, selection))
    }

    /// Judges the targets of which there are news.
    fn judge<'v>(&self, news: impl Fn(&WatchedObject) -> Option<Option<&'v Value>>) {
        let (mut judge, mut outcomes) = (lock(&self.judge.judge), lock(&self.judge.outcomes));
        lock(&self.waiting).retain(|place| {
            let Some(object) = news(&self.targets[*place]) else { return true };
            outcomes[*place] = match judge(*place, object) {
                Ok(ControlFlow::Break(done)) => Outcome::Done(done),
                Ok(ControlFlow::Continue(reason)) => Outcome::Left(reason),
                Err(error) => Outcome::Failed(error),
            };
            matches!(outcomes[*place], Outcome::Left(_))
        });
    }

    /// Remembers why nothing could be seen.
    fn note(&self, error: &anyhow::Error) {
        let mut outcomes = lock(&self.judge.outcomes);
        for place in lock(&self.waiting).iter() {
            outcomes[*place] = Outcome::Left(format!("{error:#}"));
        }
    }

    fn is_done(&self) -> bool {
        lock(&self.waiting).is_empty()
    }
}

fn is_fatal(error: &kube::Error) -> bool {
    is_hopeless(error) || is_not_found(error)
}

/// A lock whose holder panicked still guards whole values.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
