//! Reads the objects and shows them, once or on and on.

use crate::api::Kind;
use crate::api::object;
use crate::cli::CommandContext;
use crate::cli::Exit;
use crate::cli::show;
use crate::cli::show::Strip;
use crate::cluster;
use crate::cluster::Listing;
use crate::cluster::News;
use crate::cluster::Selection;
use crate::cluster::Visible;
use crate::ops::get;
use crate::ops::get::RowKeys;
use crate::ops::get::Rows;
use crate::ops::get::listing_failed;
use crate::present::Output;
use crate::present::SortBy;
use crate::present::list_of;
use crate::text::Table;
use futures::future::try_join_all;
use serde_json::Value;
use std::collections::HashMap;
use std::sync::Mutex;
use std::sync::PoisonError;

/// What is shown, and how.
pub struct View<'a> {
    pub context: &'a CommandContext,
    pub client: kube::Client,
    pub output: Output,
    pub with_header: bool,
    pub rows: Rows,
    pub sort: Option<SortBy>,
    pub selection: Selection,
}

/// What is left of the lists of several kinds.
struct Gathered<T> {
    /// How many kinds could not be listed; they were named.
    failed: usize,
    /// The objects of each kind, reduced.
    lists: Vec<(&'static Kind, Visible<T>)>,
}

impl View<'_> {
    pub async fn list(&self, kind: &'static Kind) -> anyhow::Result<()> {
        if self.is_plain() {
            let Visible { objects: rows, unseen, .. } =
                self.list_one(kind, |object| self.row(kind, &object, "")).await?;
            if rows.is_empty() {
                return Err(unseen.unwrap_or(self.none_found(kind)));
            }
            let rows = rows.into_iter().flatten().collect();
            let table = Table { header: self.rows.header(kind), rows };
            show::table(&self.context.ui, &table, self.with_header)?;
            return unseen.map_or(Ok(()), Err);
        }
        let Visible { objects, unseen, .. } = self.list_one(kind, |object| (kind, object)).await?;
        let is_table = matches!(self.output, Output::Table { .. });
        if objects.is_empty() && (is_table || self.selection.name.is_some()) {
            return Err(unseen.unwrap_or(self.none_found(kind)));
        }
        let objects = self.arranged(objects)?;
        if is_table {
            let table = self.rows.table(kind, objects.iter().map(|(_, object)| object), "");
            show::table(&self.context.ui, &table, self.with_header)?;
        } else {
            self.print(objects, self.selection.name.is_some())?;
        }
        unseen.map_or(Ok(()), Err)
    }

    /// Whether each object becomes a row as soon as it arrives, so that a long list is never held whole.
    fn is_plain(&self) -> bool {
        matches!(self.output, Output::Table { .. }) && self.sort.is_none()
    }

    fn row(&self, kind: &Kind, object: &Value, prefix: &str) -> Option<Vec<String>> {
        self.rows.admits(kind, object).then(|| self.rows.row(kind, object, prefix))
    }

    async fn list_one<T>(&self, kind: &Kind, reduce: impl Fn(Value) -> T) -> anyhow::Result<Visible<T>> {
        get::list(&self.client, kind, &self.selection, self.context.timeout, reduce).await
    }

    fn none_found(&self, kind: &Kind) -> anyhow::Error {
        match &self.selection.name {
            Some(name) => {
                anyhow::anyhow!("{} object '{name}' not found in {} namespace", kind.kind, self.place())
            }
            None => anyhow::anyhow!("no {} objects found in {} namespace", kind.kind, self.place()),
        }
    }

    /// Every kind in parallel, in their order; kinds that the cluster does not have are passed over.
    pub async fn list_all(&self, kinds: &[&'static Kind]) -> anyhow::Result<()> {
        let (failed, found) = if self.is_plain() {
            let row = |kind, object| self.row(kind, &object, &prefix(kind));
            let gathered = self.gather(kinds, false, &row).await?;
            for (kind, seen) in &gathered.lists {
                let rows = seen.objects.iter().flatten().cloned().collect();
                self.show_table(&Table { header: self.rows.header(kind), rows })?;
            }
            (gathered.failed, gathered.lists.iter().map(|(_, seen)| seen.objects.len()).sum())
        } else {
            let gathered = self.gather(kinds, false, &|kind, object| (kind, object)).await?;
            let objects: Vec<_> = gathered.lists.into_iter().flat_map(|(_, seen)| seen.objects).collect();
            let found = objects.len();
            self.show_objects(kinds, objects, gathered.failed)?;
            (gathered.failed, found)
        };
        anyhow::ensure!(failed == 0, "{failed} of {} kinds could not be listed", kinds.len());
        if found == 0 && self.selection.name.is_some() {
            return Err(Exit::silent(1).into());
        }
        Ok(())
    }

    /// The lists of all kinds that the cluster has; those that could not be had are named. A watch needs whole lists.
    async fn gather<T>(
        &self,
        kinds: &[&'static Kind],
        watches: bool,
        reduce: &impl Fn(&'static Kind, Value) -> T,
    ) -> anyhow::Result<Gathered<T>> {
        let limit = self.context.timeout;
        let listed = get::gather(&self.client, kinds, &self.selection, limit, watches, reduce).await?;
        let mut gathered = Gathered { failed: 0, lists: Vec::new() };
        for (kind, outcome) in listed {
            match outcome {
                Ok(mut seen) => {
                    if let Some(unseen) = seen.unseen.take() {
                        gathered.failed += 1;
                        self.context.ui.error(&unseen);
                    } else if seen.objects.is_empty()
                        && !watches
                        && matches!(self.output, Output::Table { .. })
                    {
                        self.say_missing(kind);
                    }
                    gathered.lists.push((kind, seen));
                }
                Err(error) => {
                    gathered.failed += 1;
                    self.context.ui.error(&error);
                }
            }
        }
        Ok(gathered)
    }

    /// Objects of several kinds, sorted or as a document.
    fn show_objects(
        &self,
        kinds: &[&'static Kind],
        objects: Vec<(&'static Kind, Value)>,
        failed: usize,
    ) -> anyhow::Result<()> {
        if let Output::Table { .. } = self.output {
            return self.tables(kinds, objects);
        }
        let found = objects.len();
        if found == 0 && failed == 0 {
            kinds.iter().for_each(|kind| self.say_missing(kind));
        }
        let objects = self.arranged(objects)?;
        if found > 0 || self.selection.name.is_none() {
            self.print(objects, false)?;
        }
        Ok(())
    }

    /// A table for each kind.
    fn tables(&self, kinds: &[&'static Kind], objects: Vec<(&'static Kind, Value)>) -> anyhow::Result<()> {
        let objects = self.arranged(objects)?;
        for kind in kinds {
            let ours = objects.iter().filter(|(of, _)| of.kind == kind.kind).map(|(_, object)| object);
            self.show_table(&self.rows.table(kind, ours, &prefix(kind)))?;
        }
        Ok(())
    }

    /// One of several tables, with an empty line below it; without rows, nothing is written.
    fn show_table(&self, table: &Table) -> anyhow::Result<()> {
        if table.rows.is_empty() {
            return Ok(());
        }
        show::table(&self.context.ui, table, self.with_header)?;
        self.context.ui.data("\n")
    }

    /// The objects to show, in the order asked for.
    fn arranged(
        &self,
        objects: impl IntoIterator<Item = (&'static Kind, Value)>,
    ) -> anyhow::Result<Vec<(&'static Kind, Value)>> {
        let admitted = objects.into_iter().filter(|(kind, object)| self.rows.admits(kind, object));
        let mut objects: Vec<_> = admitted.collect();
        if let Some(sort) = &self.sort {
            self.rows.sort(sort, &mut objects)?;
        }
        Ok(objects)
    }

    fn print(&self, objects: Vec<(&'static Kind, Value)>, is_single: bool) -> anyhow::Result<()> {
        let Output::Machine(format) = &self.output else { return Ok(()) };
        let mut objects: Vec<Value> = objects.into_iter().map(|(_, object)| object).collect();
        let value = match objects.pop() {
            Some(only) if is_single && objects.is_empty() => only,
            last => {
                objects.extend(last);
                list_of(objects)
            }
        };
        self.context.ui.data(&format.render(&value, self.with_header)?)
    }

    pub async fn watch(&self, kind: &'static Kind) -> anyhow::Result<()> {
        let first = cluster::list(&self.client, kind, &self.selection);
        let first = first.await.map_err(|error| listing_failed(error, kind))?;
        self.follow(vec![(kind, first)], &|_| String::new()).await
    }

    /// Every kind at once. Kinds that the cluster does not have are passed over, and those that cannot be listed are named.
    pub async fn watch_all(&self, kinds: &[&'static Kind]) -> anyhow::Result<()> {
        let Gathered { failed, lists } = self.gather(kinds, true, &|_, object| object).await?;
        anyhow::ensure!(!lists.is_empty() || failed == 0, "no kind could be listed");
        anyhow::ensure!(!lists.is_empty(), "the cluster has none of these kinds");
        let lists = lists.into_iter().map(|(kind, seen)| (kind, (seen.objects, seen.version))).collect();
        self.follow(lists, &|kind| prefix(kind)).await
    }

    async fn follow(
        &self,
        lists: Vec<(&'static Kind, Listing)>,
        prefix: &(dyn Fn(&Kind) -> String + Sync),
    ) -> anyhow::Result<()> {
        if matches!(self.output, Output::Table { .. })
            && let Some(size) = self.context.ui.size()
        {
            return self.follow_live(lists, prefix, size).await;
        }
        let shown = Mutex::new(Shown::default());
        let follows = lists.into_iter().map(|(kind, first)| {
            let shown = &shown;
            async move {
                let mut see = |change: News<'_>| self.see(kind, change, &prefix(kind), shown);
                let resource = kind.api_resource();
                let pause = self.context.poll;
                cluster::follow_changes(&self.client, &resource, &self.selection, pause, first, &mut see)
                    .await
            }
        });
        self.until_interrupted(try_join_all(follows)).await
    }

    /// Waits for a watch, which only a limit that was asked for ends.
    pub(super) async fn until_interrupted<T>(
        &self,
        follows: impl Future<Output = anyhow::Result<T>>,
    ) -> anyhow::Result<()> {
        if !self.context.timeout_was_given {
            return follows.await.map(drop);
        }
        match tokio::time::timeout(self.context.timeout, follows).await {
            Ok(outcome) => outcome.map(drop),
            Err(_) => anyhow::bail!("timed out waiting for the condition"),
        }
    }

    /// Shows one version of an object, as a row only when the row says something new. A header is above the first row, and above each
    /// whose columns are others.
    fn see(&self, kind: &Kind, change: News<'_>, prefix: &str, shown: &Mutex<Shown>) -> anyhow::Result<()> {
        let (News::Is(object) | News::Gone(object)) = change;
        if !self.rows.admits(kind, object) {
            return Ok(());
        }
        let mut shown = shown.lock().unwrap_or_else(PoisonError::into_inner);
        if matches!(self.output, Output::Table { .. }) && !shown.is_new(&self.rows, kind, change) {
            return Ok(());
        }
        shown.count += 1;
        if let Output::Machine(format) = &self.output {
            let mut object = object.clone();
            cluster::drop_managed_fields(&mut object);
            let text = format.render_next(&object, shown.count == 1, self.with_header)?;
            return self.context.ui.data(&text);
        }
        let rows = self.rows.at((self.context.now)().timestamp());
        let (header, row) = (rows.header(kind), rows.row(kind, object, prefix));
        let ui = &self.context.ui;
        if shown.strip.as_ref().is_none_or(|strip| !strip.is_below(&header)) {
            if shown.count > 1 && self.with_header {
                ui.data("\n")?;
            }
            shown.strip = Some(Strip::new(header, Vec::new(), self.with_header));
        }
        shown.strip.as_mut().map_or(Ok(()), |strip| strip.show(ui, row))
    }

    /// The namespace as messages name it.
    fn place(&self) -> String {
        let namespace = self.selection.namespace.as_ref();
        namespace.map_or_else(|| "any".to_owned(), |namespace| format!("\"{namespace}\""))
    }

    /// Names the object that was asked for and is not there.
    fn say_missing(&self, kind: &Kind) {
        if let Some(name) = &self.selection.name {
            let (kind, place) = (kind.kind, self.place());
            self.context.ui.failure(format!("{kind} object '{name}' not found in {place} namespace"));
        }
    }
}

/// What a watch has shown so far.
#[derive(Default)]
struct Shown {
    count: usize,
    /// The last rows with the same columns.
    strip: Option<Strip>,
    /// What the last row of each object said.
    said: HashMap<String, RowKeys>,
}

impl Shown {
    /// Whether the row of an object says something else than its last one did. An object that was deleted is forgotten.
    fn is_new(&mut self, rows: &Rows, kind: &Kind, change: News<'_>) -> bool {
        let (News::Is(object) | News::Gone(object)) = change;
        let address = format!("{}/{}/{}", kind.kind, object::namespace(object), object::name(object));
        let said = rows.row_keys(kind, object);
        let before = match change {
            News::Is(_) => self.said.insert(address, said.clone()),
            News::Gone(_) => self.said.remove(&address),
        };
        before != Some(said)
    }
}

fn prefix(kind: &Kind) -> String {
    format!("{}/", kind.kind.to_lowercase())
}
