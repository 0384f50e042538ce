//! The sources of a cluster that are its own repository under another name.

use crate::api::ObjectId;
use crate::api::Pinned;
use crate::api::object::text;
use crate::api::object::text_if_set;
use crate::api::pinned::BRANCH;
use crate::api::pinned::NAME;
use crate::api::pinned::TAG;
use crate::api::source::git_repository::GIT_REPOSITORY;
use crate::git::GitUrl;
use crate::render::Declaration;
use serde_json::Value;
use std::collections::BTreeMap;

/// The GitRepositories that files declare for a cluster.
pub(super) struct Sources {
    /// The one that the cluster follows.
    own: ObjectId,
    /// Each with the identity that is declared, and its spec.
    known: BTreeMap<ObjectId, (ObjectId, Value)>,
}

impl Sources {
    pub(super) fn of(own: ObjectId) -> Self {
        Self { own, known: BTreeMap::new() }
    }

    pub(super) fn own(&self) -> &ObjectId {
        &self.own
    }

    /// Takes note of an object if it is a GitRepository.
    pub(super) fn add(&mut self, declaration: &Declaration) {
        let Declaration { id, object, .. } = declaration;
        if GIT_REPOSITORY.is_of(id) {
            // In the version of the program: files may have another.
            let source = GIT_REPOSITORY.id(&id.namespace, &id.name).at_home(&self.own.namespace);
            self.known.entry(source).or_insert_with(|| (id.clone(), object["spec"].clone()));
        }
    }

    /// Whether a source brings what the cluster's own one brings.
    pub(super) fn is_same(&self, source: &ObjectId) -> bool {
        let known = || self.known.get(source).and_then(|(_, spec)| self.difference(spec));
        *source == self.own || known().is_some_and(|difference| difference.is_none())
    }

    /// The sources that bring another revision of the same repository, each with how it differs.
    pub(super) fn others(self) -> BTreeMap<ObjectId, String> {
        let other = |(id, spec): &(ObjectId, Value)| Some((id.clone(), self.difference(spec)??));
        self.known.values().filter_map(other).collect()
    }

    /// How a source differs from the cluster's own one; nothing if it is of another repository, or that is not known.
    fn difference(&self, spec: &Value) -> Option<Option<String>> {
        let (_, own) = self.known.get(&self.own)?;
        if !is_same_at_one_host(text(own, "/url"), text(spec, "/url")) {
            return None;
        }
        let [(own_field, own), (field, value)] = [own, spec].map(revision);
        // Variables hide what is meant.
        let is_open = [&own, &value].iter().any(|value| value.contains("${"));
        if is_open || (own_field, &own) == (field, &value) {
            return Some(None);
        }
        Some(Some(format!(
            "it follows the {field} {value} of this repository, and the cluster the {own_field} {own}: what is applied from it is not followed"
        )))
    }
}

/// Whether two addresses are of one repository, over whatever protocol, at a host that both call the same.
fn is_same_at_one_host(one: &str, other: &str) -> bool {
    let place = |url: &str| {
        let url = GitUrl::parse(url).ok()?;
        Some((url.host().to_ascii_lowercase(), url.repository()))
    };
    match (place(one), place(other)) {
        (Some(one), Some(other)) => one == other,
        _ => one == other && !one.is_empty(),
    }
}

/// The field that decides which revision a source brings, and its value.
fn revision(spec: &Value) -> (&'static str, String) {
    let Pinned::Reference(fields) = GIT_REPOSITORY.pinned else { return (BRANCH, String::new()) };
    let set = fields.iter().find_map(|field| Some((*field, text_if_set(spec, &format!("/ref/{field}"))?)));
    let Some((field, value)) = set.filter(|(_, value)| !value.is_empty()) else {
        return (BRANCH, "master".to_owned());
    };
    let full = [("refs/heads/", BRANCH), ("refs/tags/", TAG)];
    let short = full.into_iter().find_map(|(prefix, field)| Some((field, value.strip_prefix(prefix)?)));
    let (field, value) = short.filter(|_| field == NAME).unwrap_or((field, value));
    (field, value.to_owned())
}

#[cfg(test)]
mod tests {
    use super::is_same_at_one_host;
    use super::revision;
    use serde_json::json;

    #[test]
    fn one_repository_has_addresses_of_several_protocols_at_one_host() {
        let known = "https://git.example.com/acme/fleet";
        for (other, is_same) in [
            ("https://git.example.com/acme/fleet.git", true),
            ("ssh://git@git.example.com:22/acme/fleet", true),
            ("https://git.example.com/ada/fleet", false),
            ("https://mirror.example.com/acme/fleet", false),
            ("${url}", false),
            ("", false),
        ] {
            assert_eq!(is_same_at_one_host(known, other), is_same, "{other}");
        }
        assert!(!is_same_at_one_host("", "") && is_same_at_one_host("${url}", "${url}"));
    }

    #[test]
    fn the_revision_of_a_source_is_that_of_the_field_that_decides() {
        for (reference, field, value) in [
            (json!(null), "branch", "master"),
            (json!({"branch": "main"}), "branch", "main"),
            (json!({"branch": "main", "tag": "v1"}), "tag", "v1"),
            (json!({"tag": "v1", "semver": "1.x"}), "semver", "1.x"),
            (json!({"name": "refs/heads/main"}), "branch", "main"),
            (json!({"name": "refs/tags/v1", "branch": "main"}), "tag", "v1"),
            (json!({"name": "refs/pull/1/head"}), "name", "refs/pull/1/head"),
        ] {
            assert_eq!(revision(&json!({"ref": reference})), (field, value.to_owned()));
        }
    }
}
