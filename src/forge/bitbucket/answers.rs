//! What Bitbucket Server answers, as far as it matters here.

use serde::Deserialize;

/// A page of a list; `start` of the next one is said by the server.
#[derive(Deserialize)]
pub(super) struct Page<T> {
    pub(super) values: Vec<T>,
    #[serde(rename = "isLastPage", default)]
    pub(super) is_last: bool,
    #[serde(rename = "nextPageStart", default)]
    pub(super) next: Option<u64>,
}

#[derive(Deserialize)]
pub(super) struct Project {
    pub(super) key: String,
    pub(super) name: String,
}

#[derive(Deserialize)]
pub(super) struct RepositoryAnswer {
    pub(super) slug: String,
    #[serde(default)]
    pub(super) public: bool,
}

#[derive(Deserialize)]
pub(super) struct KeyAnswer {
    pub(super) key: Key,
    pub(super) permission: String,
}

#[derive(Deserialize)]
pub(super) struct Key {
    pub(super) id: u64,
    pub(super) text: String,
    #[serde(default)]
    pub(super) label: String,
}

#[derive(Deserialize)]
pub(super) struct GroupPermission {
    pub(super) group: Group,
    pub(super) permission: String,
}

#[derive(Deserialize)]
pub(super) struct Group {
    pub(super) name: String,
}
