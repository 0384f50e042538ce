//! Candidates that several commands share: names in the cluster for the kind at hand, contexts, namespaces.

use super::Line;
use crate::api::Kind;
use crate::cluster;
use crate::cluster::Selection;
use crate::kind;
use crate::kind::KINDS;

/// The contexts of the kubeconfig.
pub fn contexts(line: &Line) -> Vec<String> {
    let kubeconfig = line.context().and_then(|context| context.access.read_kubeconfig().ok().flatten());
    kubeconfig.into_iter().flat_map(|config| config.contexts).map(|context| context.name).collect()
}

/// The namespaces of the cluster.
pub fn namespaces(line: &Line) -> Vec<String> {
    line.ask(|_, client| async move {
        let all = kube::Api::<k8s_openapi::api::core::v1::Namespace>::all(client);
        let listed = all.list_metadata(&kube::api::ListParams::default()).await.ok()?;
        Some(listed.items.into_iter().filter_map(|namespace| namespace.metadata.name).collect())
    })
}

/// The words of an argument called `object`: kinds, and behind the slash the names of one; names alone where the words before say the kind, as `why` takes it.
pub fn objects(line: &Line, word: &str) -> Vec<String> {
    let before = line.values("object");
    let before: Vec<&str> = before.iter().map(String::as_str).collect();
    if !word.contains('/')
        && let Some(kind) = kind::by_words(&before)
    {
        return names(line, kind);
    }
    of_kinds(word, KINDS.iter().copied(), |kind| kind::by_word(kind).map(|of| names(line, of)))
}

/// Kinds with a slash, a short name too where it is what was typed; behind the slash the names of the one kind.
pub fn of_kinds<'a>(
    word: &str,
    kinds: impl Iterator<Item = &'a Kind>,
    names: impl FnOnce(&str) -> Option<Vec<String>>,
) -> Vec<String> {
    if let Some((kind, _)) = word.split_once('/') {
        return names(kind).into_iter().flatten().map(|name| format!("{kind}/{name}")).collect();
    }
    let offered = kinds.flat_map(|kind| {
        let short = kind.noun.short.iter().filter(|short| **short == word).map(|short| (*short).to_owned());
        short.chain([kind.kind.to_lowercase()])
    });
    offered.map(|kind| format!("{kind}/")).collect()
}

/// The names of any kind that the cluster knows; nothing else of the objects is read.
pub fn names_of_any(line: &Line, word: &str) -> Vec<String> {
    let word = word.to_owned();
    line.ask(|context, client| async move {
        let (resource, namespaced) = cluster::resource_named(&client, &word).await.ok()?;
        let namespace = namespaced.then_some(context.namespace);
        let selection = Selection { namespace, ..Selection::default() };
        let found = selection.api(&client, &resource).list_metadata(&selection.parameters()).await.ok()?;
        Some(found.items.into_iter().filter_map(|object| object.metadata.name).collect())
    })
}

/// The names of the objects of a kind, in the namespace that the command would work in.
pub fn names(line: &Line, kind: &'static Kind) -> Vec<String> {
    line.ask(|context, client| async move { listed(&client, kind, &context.namespace).await })
}

/// As [`names`], within a question to the cluster.
pub async fn listed(client: &kube::Client, kind: &Kind, namespace: &str) -> Option<Vec<String>> {
    let selection = Selection::within(namespace);
    let name = |object: serde_json::Value| Some(object.pointer("/metadata/name")?.as_str()?.to_owned());
    let listed = cluster::list_each(client, &kind.api_resource(), &selection, name).await;
    Some(listed.ok()?.0.into_iter().flatten().collect())
}
