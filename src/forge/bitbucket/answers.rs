//! Answers of Bitbucket Server, as far as they are used.

use serde::Deserialize;

/// A page of a list; the server says where the next one starts.
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

/// What the server says about itself.
#[derive(Deserialize)]
pub(super) struct Server {
    pub(super) version: String,
}

#[derive(Deserialize)]
pub(super) struct PullRequest {
    pub(super) id: u64,
    pub(super) version: u64,
    pub(super) title: String,
    #[serde(default)]
    pub(super) description: String,
    pub(super) state: String,
    #[serde(default)]
    pub(super) draft: bool,
    #[serde(rename = "toRef")]
    pub(super) to: Ref,
    pub(super) author: Option<Reviewer>,
    #[serde(default)]
    pub(super) reviewers: Vec<Reviewer>,
    #[serde(default)]
    pub(super) properties: Properties,
    #[serde(default)]
    pub(super) links: Links,
}

#[derive(Deserialize)]
pub(super) struct Ref {
    pub(super) id: String,
    pub(super) repository: Place,
}

#[derive(Deserialize)]
pub(super) struct Place {
    pub(super) slug: String,
    pub(super) project: ProjectKey,
}

#[derive(Deserialize)]
pub(super) struct ProjectKey {
    pub(super) key: String,
}

#[derive(Deserialize)]
pub(super) struct Reviewer {
    pub(super) user: User,
}

#[derive(Deserialize)]
pub(super) struct User {
    pub(super) name: String,
}

#[derive(Deserialize, Default)]
pub(super) struct Properties {
    #[serde(rename = "mergeResult")]
    pub(super) merge_result: Option<MergeResult>,
    #[serde(rename = "mergeCommit")]
    pub(super) merge_commit: Option<Commit>,
}

#[derive(Deserialize)]
pub(super) struct MergeResult {
    pub(super) outcome: String,
}

#[derive(Deserialize)]
pub(super) struct Commit {
    pub(super) id: String,
}

#[derive(Deserialize, Default)]
pub(super) struct Links {
    #[serde(rename = "self", default)]
    pub(super) own: Vec<Link>,
}

#[derive(Deserialize)]
pub(super) struct Link {
    pub(super) href: String,
}
