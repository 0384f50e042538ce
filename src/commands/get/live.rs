//! `get --watch` on a terminal: the table is painted again in its place with every change. One that is higher than the screen is
//! written once, and below it each row that changes.

use super::view::View;
use crate::api::Kind;
use crate::cli::show;
use crate::cluster;
use crate::cluster::Listing;
use crate::cluster::News;
use crate::text::Painted;
use crate::text::Sheet;
use crate::text::Table;
use futures::future::try_join_all;
use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::PoisonError;

/// The table of one kind as it is on the screen.
struct Group {
    kind: &'static Kind,
    prefix: String,
    /// By namespace and name.
    rows: BTreeMap<(String, String), Vec<String>>,
    /// The widths of the columns; they only grow, so that rows stay below each other.
    widths: Vec<usize>,
}

impl View<'_> {
    /// Shows the objects and follows them. `size` is that of the terminal.
    pub(super) async fn follow_live(
        &self,
        lists: Vec<(&'static Kind, Listing)>,
        prefix: &(dyn Fn(&Kind) -> String + Sync),
        size: (usize, usize),
    ) -> anyhow::Result<()> {
        let mut groups: Vec<Group> = Vec::new();
        for (kind, (objects, _)) in &lists {
            let prefix = prefix(kind);
            let mut group = Group { kind, prefix, rows: BTreeMap::new(), widths: Vec::new() };
            for object in objects.iter().filter(|object| self.rows.admits(kind, object)) {
                group.rows.insert(key(object), self.row_now(kind, object, &group.prefix));
            }
            groups.push(group);
        }
        let sheet = Sheet { cuts_lines: true, ..show::sheet(&self.context.ui) };
        let painted = self.painted(&mut groups, &sheet);
        self.context.ui.repaint(&painted, fitting(&painted, size))?;
        let groups = Mutex::new(groups);
        let follows = lists.into_iter().enumerate().map(|(at, (kind, first))| {
            let groups = &groups;
            async move {
                let mut see = |news: News<'_>| self.see_live(at, news, groups);
                let resource = kind.api_resource();
                let pause = self.context.poll;
                cluster::follow_changes(&self.client, &resource, &self.selection, pause, first, &mut see)
                    .await
            }
        });
        self.until_interrupted(try_join_all(follows)).await
    }

    fn row_now(&self, kind: &Kind, object: &Value, prefix: &str) -> Vec<String> {
        let rows = self.rows.at((self.context.now)().timestamp());
        rows.row(kind, object, prefix)
    }

    fn see_live(&self, at: usize, news: News<'_>, groups: &Mutex<Vec<Group>>) -> anyhow::Result<()> {
        let mut groups = groups.lock().unwrap_or_else(PoisonError::into_inner);
        let group = &mut groups[at];
        let row = match news {
            News::Is(object) if self.rows.admits(group.kind, object) => {
                Some(self.row_now(group.kind, object, &group.prefix))
            }
            News::Is(_) | News::Gone(_) => None,
        };
        let (News::Is(object) | News::Gone(object)) = news;
        let key = key(object);
        if group.rows.get(&key) == row.as_ref() {
            return Ok(());
        }
        match &row {
            Some(row) => group.rows.insert(key, row.clone()),
            None => group.rows.remove(&key),
        };
        let ui = &self.context.ui;
        let sheet = Sheet { cuts_lines: true, ..show::sheet(ui) };
        let painted = self.painted(&mut groups, &sheet);
        let height = ui.size().map_or(0, |size| fitting(&painted, size));
        match row {
            _ if height > 0 => ui.repaint(&painted, height),
            Some(row) => {
                let group = &groups[at];
                let table = Table { header: self.rows.header(group.kind), rows: vec![row] };
                ui.show(&table.painted(false, &group.widths, &sheet))
            }
            None => Ok(()),
        }
    }

    /// All tables that have rows, with an empty line between two.
    fn painted(&self, groups: &mut [Group], sheet: &Sheet) -> Painted {
        let mut painted = Painted::new(sheet.in_colour);
        let is_empty = groups.iter().all(|group| group.rows.is_empty());
        // Without any row, the header says what is watched.
        let shown = |at: usize, group: &Group| !group.rows.is_empty() || (is_empty && at == 0);
        for (_, group) in groups.iter_mut().enumerate().filter(|(at, group)| shown(*at, group)) {
            if painted.height() > 0 {
                painted.push_plain("\n");
            }
            let rows = group.rows.values().cloned().collect();
            let table = Table { header: self.rows.header(group.kind), rows };
            group.widths = table.layout(self.with_header, sheet);
            painted.append(&table.painted(self.with_header, &group.widths, sheet));
        }
        painted
    }
}

/// The height of what can be painted again in its place: 0 when it is higher than the screen, whose last line has the cursor.
fn fitting(painted: &Painted, (_, rows): (usize, usize)) -> usize {
    Some(painted.height()).filter(|height| *height < rows).unwrap_or(0)
}

fn key(object: &Value) -> (String, String) {
    let field = |name: &str| object["metadata"][name].as_str().unwrap_or_default().to_owned();
    (field("namespace"), field("name"))
}
