//! `get`: objects and how they are, as a table, once or on and on.

use super::Context;
use super::Exit;
use super::for_kind;
use super::for_kind::ForKind;
use super::for_kind::Verb;
use crate::api::Kind;
use crate::cluster;
use crate::cluster::Selection;
use crate::kind::KINDS;
use crate::text::Table;
use anyhow::Context as _;
use clap::ArgMatches;
use clap::Command;
use clap::FromArgMatches;
use serde_json::Value;

/// Get the resources and their status
#[derive(clap::Args, Debug)]
pub struct GetArgs {
    /// List objects of all namespaces
    #[arg(long, short = 'A', global = true)]
    all_namespaces: bool,
    /// Only objects with these labels, e.g. key1=value1,key2!=value2
    #[arg(
        long,
        short = 'l',
        global = true,
        value_name = "string",
        default_value = "",
        hide_default_value = true
    )]
    label_selector: String,
    /// Leave out the header
    #[arg(long, global = true)]
    no_header: bool,
    /// Only objects with this condition, e.g. ready=false or ready!=true
    #[arg(long, global = true, value_name = "string", default_value = "", hide_default_value = true)]
    status_selector: String,
    /// After listing, go on with every change
    #[arg(long, short = 'w', global = true)]
    watch: bool,
    #[command(subcommand)]
    target: Target,
}

/// One kind, or all of a group.
#[derive(Debug)]
enum Target {
    One(ForKind<Get>),
    Many { kinds: Vec<&'static Kind>, name: Option<String> },
}

/// What `get` reads for one kind.
#[derive(Debug)]
struct Get {
    name: Option<String>,
    show_source: bool,
}

impl Verb for Get {
    fn offers(_: &Kind) -> bool {
        true
    }

    fn words(kind: &'static Kind) -> (&'static [&'static str], &'static [&'static str]) {
        (kind.noun.many, kind.noun.many_aliases)
    }

    fn about(kind: &Kind) -> String {
        format!("Get {} objects and their status", kind.kind)
    }

    fn arguments(kind: &Kind, leaf: Command) -> Command {
        let leaf = for_kind::names(leaf, "Name of the object");
        if kind.columns.iter().any(|column| column.only_with_source) {
            return for_kind::declare_switch(
                leaf,
                "show-source",
                "Show where each object gets its content from",
            );
        }
        leaf
    }

    fn read(_: &'static Kind, matches: &ArgMatches) -> Self {
        Self {
            name: for_kind::given_names(matches).into_iter().next(),
            show_source: for_kind::switch(matches, "show-source"),
        }
    }
}

/// The collective commands: their words and the groups that they list.
const COLLECTIVES: [(&[&str], &str); 3] =
    [(&["all"], ""), (&["sources", "all"], "sources"), (&["images", "all"], "images")];

impl FromArgMatches for Target {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        let (words, leaf) = for_kind::leaf_of(matches);
        let Some((_, group)) = COLLECTIVES.iter().find(|(path, _)| *path == words) else {
            return Ok(Self::One(ForKind::from_arg_matches(matches)?));
        };
        // Generators are not among all, as upstream has it.
        let belongs = |kind: &&Kind| match *group {
            "" => kind.noun.many[0] != "artifacts",
            group => kind.noun.many[0] == group,
        };
        let kinds = KINDS.iter().copied().filter(belongs).collect();
        Ok(Self::Many { kinds, name: for_kind::given_names(leaf).into_iter().next() })
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}

impl clap::Subcommand for Target {
    fn augment_subcommands(command: Command) -> Command {
        let command = ForKind::<Get>::augment_subcommands(command);
        COLLECTIVES.iter().fold(command, |command, (words, _)| {
            let about = "Get all resources of the group and their status";
            for_kind::grow(command, words, &|leaf| for_kind::names(leaf.about(about), "Name of the objects"))
        })
    }

    fn augment_subcommands_for_update(command: Command) -> Command {
        Self::augment_subcommands(command)
    }

    fn has_subcommand(_: &str) -> bool {
        true
    }
}

impl GetArgs {
    pub async fn run(self, context: &Context) -> anyhow::Result<()> {
        let status = StatusSelector::parse(&self.status_selector)?;
        let selection = |name: &Option<String>| Selection {
            namespace: (!self.all_namespaces).then(|| context.namespace.clone()),
            name: name.clone(),
            labels: Some(self.label_selector.clone()).filter(|labels| !labels.is_empty()),
            fields: None,
        };
        let view = View {
            context,
            all_namespaces: self.all_namespaces,
            with_header: !self.no_header,
            status,
            show_source: matches!(&self.target, Target::One(one) if one.verb.show_source),
        };
        let client = context.client().await?;
        match &self.target {
            Target::One(one) if self.watch => view.watch(&client, one.kind, &selection(&one.verb.name)).await,
            Target::One(one) => view.list(&client, one.kind, &selection(&one.verb.name)).await,
            Target::Many { .. } if self.watch => {
                anyhow::bail!("expected a single resource type, but found all")
            }
            Target::Many { kinds, name } => view.list_all(&client, kinds, &selection(name)).await,
        }
    }
}

/// `type=status` or `type!=status`, upper and lower case alike.
struct StatusSelector {
    kind: String,
    status: String,
    negated: bool,
}

impl StatusSelector {
    fn parse(text: &str) -> anyhow::Result<Option<Self>> {
        if text.is_empty() {
            return Ok(None);
        }
        let (kind, status) = text.split_once('=').with_context(|| {
            format!("expected status selector in type=status or type!=status format, but found: {text}")
        })?;
        let (kind, negated) = kind.strip_suffix('!').map_or((kind, false), |kind| (kind, true));
        Ok(Some(Self { kind: kind.to_owned(), status: status.to_owned(), negated }))
    }

    /// A condition that is not there equals nothing, so it passes `!=`.
    fn admits(&self, kind: &Kind, object: &Value) -> bool {
        let found = if self.kind.eq_ignore_ascii_case("ready") && is_static(kind, object) {
            Some("True".to_owned())
        } else {
            let conditions = object.pointer("/status/conditions").and_then(Value::as_array);
            conditions.into_iter().flatten().find_map(|condition| {
                let name = condition["type"].as_str()?;
                name.eq_ignore_ascii_case(&self.kind)
                    .then(|| condition["status"].as_str().unwrap_or_default().to_owned())
            })
        };
        let equal = found.is_some_and(|status| status.eq_ignore_ascii_case(&self.status));
        equal != self.negated
    }
}

fn is_static(kind: &Kind, object: &Value) -> bool {
    matches!((kind.readiness)(object), crate::api::Readiness::Static(_))
}

/// The namespace as messages name it.
fn place(selection: &Selection) -> String {
    selection.namespace.as_ref().map_or_else(|| "any".to_owned(), |namespace| format!("\"{namespace}\""))
}

/// A list that the API server refused. A selector is parsed there, so it is the server that finds it wrong.
fn refused(error: kube::Error, kind: &Kind, selection: &Selection) -> anyhow::Error {
    match (&error, &selection.labels) {
        (kube::Error::Api(status), Some(labels)) if status.code == 400 => anyhow::anyhow!(
            "unable to parse label selector: couldn't parse the selector string \"{labels}\": {}",
            status.message
        ),
        _ => cluster::explain(error, &format!("listing {}", kind.plural)),
    }
}

/// How rows are shown.
struct View<'a> {
    context: &'a Context,
    all_namespaces: bool,
    with_header: bool,
    status: Option<StatusSelector>,
    show_source: bool,
}

impl View<'_> {
    async fn list(&self, client: &kube::Client, kind: &Kind, selection: &Selection) -> anyhow::Result<()> {
        let listed = tokio::time::timeout(self.context.timeout, cluster::list(client, kind, selection)).await;
        let (objects, _) = listed
            .with_context(|| format!("listing {}: context deadline exceeded", kind.plural))?
            .map_err(|error| refused(error, kind, selection))?;
        if objects.is_empty() {
            let place = place(selection);
            match &selection.name {
                Some(name) => anyhow::bail!("{} object '{name}' not found in {place} namespace", kind.kind),
                None => anyhow::bail!("no {} objects found in {place} namespace", kind.kind),
            }
        }
        let table = self.table(kind, &objects, "");
        self.context.ui.data(&table.render(self.with_header))
    }

    /// Every kind in parallel, in their order; kinds that the cluster does not have are passed over.
    async fn list_all(
        &self,
        client: &kube::Client,
        kinds: &[&'static Kind],
        selection: &Selection,
    ) -> anyhow::Result<()> {
        let lists = kinds.iter().map(|kind| cluster::list(client, kind, selection));
        let (mut failed, mut found) = (0, 0);
        for (kind, outcome) in kinds.iter().zip(futures::future::join_all(lists).await) {
            match outcome {
                Ok((objects, _)) if objects.is_empty() => {
                    if let Some(name) = &selection.name {
                        let (kind, place) = (kind.kind, place(selection));
                        self.context
                            .ui
                            .failure(format!("{kind} object '{name}' not found in {place} namespace"));
                    }
                }
                Ok((objects, _)) => {
                    found += objects.len();
                    let prefix = format!("{}/", kind.kind.to_lowercase());
                    let table = self.table(kind, &objects, &prefix);
                    if !table.rows.is_empty() {
                        self.context.ui.data(&format!("{}\n", table.render(self.with_header)))?;
                    }
                }
                Err(error) if cluster::is_not_found(&error) => {}
                Err(error) => {
                    failed += 1;
                    self.context.ui.error(&refused(error, kind, selection));
                }
            }
        }
        anyhow::ensure!(failed == 0, "{failed} of {} kinds could not be listed", kinds.len());
        if found == 0 && selection.name.is_some() {
            return Err(Exit::silent(1).into());
        }
        Ok(())
    }

    async fn watch(&self, client: &kube::Client, kind: &Kind, selection: &Selection) -> anyhow::Result<()> {
        let mut first = true;
        let resource = kind.api_resource();
        let mut see = |object: &Value| -> anyhow::Result<()> {
            let table = self.table(kind, std::slice::from_ref(object), "");
            if table.rows.is_empty() {
                return Ok(());
            }
            let with_header = std::mem::take(&mut first) && self.with_header;
            self.context.ui.data(&table.render(with_header))
        };
        let follow = cluster::follow(client, &resource, selection, self.context.poll, &mut see);
        if !self.context.timeout_was_given {
            return follow.await;
        }
        // Only a limit that somebody asked for ends a watch.
        match tokio::time::timeout(self.context.timeout, follow).await {
            Ok(outcome) => outcome,
            Err(_) => anyhow::bail!("timed out waiting for the condition"),
        }
    }

    fn table(&self, kind: &Kind, objects: &[Value], prefix: &str) -> Table {
        let columns: Vec<_> =
            kind.columns.iter().filter(|column| self.show_source || !column.only_with_source).collect();
        let mut header: Vec<String> = columns.iter().map(|column| column.header.to_owned()).collect();
        if self.all_namespaces {
            header.insert(0, "namespace".to_owned());
        }
        let admitted = objects
            .iter()
            .filter(|object| self.status.as_ref().is_none_or(|selector| selector.admits(kind, object)));
        let rows = admitted
            .map(|object| {
                let mut row: Vec<String> = columns.iter().map(|column| (column.cell)(kind, object)).collect();
                row[0].insert_str(0, prefix);
                if self.all_namespaces {
                    let namespace = object.pointer("/metadata/namespace").and_then(Value::as_str);
                    row.insert(0, namespace.unwrap_or_default().to_owned());
                }
                row
            })
            .collect();
        Table { header, rows }
    }
}
