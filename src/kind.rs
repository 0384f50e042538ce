//! The registry of kinds: one line per kind; everything that loops over kinds loops over this.

use crate::api::Kind;
use crate::api::extensions::artifact_generator::ARTIFACT_GENERATOR;
use crate::api::helm::helm_release::HELM_RELEASE;
use crate::api::image::image_policy::IMAGE_POLICY;
use crate::api::image::image_repository::IMAGE_REPOSITORY;
use crate::api::image::image_update_automation::IMAGE_UPDATE_AUTOMATION;
use crate::api::kustomize::kustomization::KUSTOMIZATION;
use crate::api::notification::alert::ALERT;
use crate::api::notification::provider::PROVIDER;
use crate::api::notification::receiver::RECEIVER;
use crate::api::source::bucket::BUCKET;
use crate::api::source::external_artifact::EXTERNAL_ARTIFACT;
use crate::api::source::git_repository::GIT_REPOSITORY;
use crate::api::source::helm_chart::HELM_CHART;
use crate::api::source::helm_repository::HELM_REPOSITORY;
use crate::api::source::oci_repository::OCI_REPOSITORY;
use serde_json::Value;

/// All kinds, in the order of `get all`; generators, which that leaves out, come last.
pub static KINDS: &[&Kind] = &[
    &OCI_REPOSITORY,
    &BUCKET,
    &GIT_REPOSITORY,
    &HELM_REPOSITORY,
    &HELM_CHART,
    &EXTERNAL_ARTIFACT,
    &IMAGE_REPOSITORY,
    &IMAGE_POLICY,
    &IMAGE_UPDATE_AUTOMATION,
    &HELM_RELEASE,
    &KUSTOMIZATION,
    &RECEIVER,
    &PROVIDER,
    &ALERT,
    &ARTIFACT_GENERATOR,
];

/// The kind called so in `kind` fields, upper and lower case alike.
pub fn by_name(name: &str) -> Option<&'static Kind> {
    KINDS.iter().copied().find(|kind| kind.kind.eq_ignore_ascii_case(name))
}

/// The kind that a word on the command line means: its name, its plural, a short name (`ks`), each also with the group behind a dot.
pub fn by_word(word: &str) -> Option<&'static Kind> {
    let word = word.to_lowercase();
    KINDS.iter().copied().find(|kind| {
        let bare = word.strip_suffix(kind.group).and_then(|rest| rest.strip_suffix('.')).unwrap_or(&word);
        let shorts = kind.noun.short.iter().chain(kind.noun.one_aliases);
        bare == kind.plural
            || bare == kind.kind.to_lowercase()
            || shorts.into_iter().any(|short| *short == bare)
    })
}

/// The kind that words mean: one as for [`by_word`], or those that stand after `export` or `get`, such as `source git`.
pub fn by_words(words: &[&str]) -> Option<&'static Kind> {
    let said = |noun: &[&str], aliases: &[&str]| {
        let (Some((last, before)), Some((word, group))) = (noun.split_last(), words.split_last()) else {
            return false;
        };
        before == group && (last == word || aliases.contains(word))
    };
    let is_called = |kind: &&Kind| {
        said(kind.noun.one, kind.noun.one_aliases) || said(kind.noun.many, kind.noun.many_aliases)
    };
    let named = words.first().filter(|_| words.len() == 1).and_then(|word| by_word(word));
    named.or_else(|| KINDS.iter().copied().find(is_called))
}

/// The CustomResourceDefinition of a kind, generated from its Rust types. The program itself carries the finished files in
/// `templates/crds`; this is what they are held against.
pub fn definition(kind: &Kind) -> Value {
    let made = DEFINITIONS.iter().find(|(of, _)| of.kind == kind.kind).map(|(_, make)| make());
    made.unwrap_or_default()
}

/// A kind and what makes its definition.
type Definition = (&'static Kind, fn() -> Value);

/// Apart from the kinds, so that a program which never asks for them does not carry what makes them.
static DEFINITIONS: &[Definition] = &[
    (&ARTIFACT_GENERATOR, crate::api::extensions::artifact_generator::definition),
    (&PROVIDER, crate::api::notification::provider::definition),
    (&ALERT, crate::api::notification::alert::definition),
    (&RECEIVER, crate::api::notification::receiver::definition),
    (&HELM_REPOSITORY, crate::api::source::helm_repository::definition),
    (&EXTERNAL_ARTIFACT, crate::api::source::external_artifact::definition),
    (&OCI_REPOSITORY, crate::api::source::oci_repository::definition),
    (&BUCKET, crate::api::source::bucket::definition),
    (&HELM_CHART, crate::api::source::helm_chart::definition),
    (&GIT_REPOSITORY, crate::api::source::git_repository::definition),
    (&IMAGE_POLICY, crate::api::image::image_policy::definition),
    (&IMAGE_UPDATE_AUTOMATION, crate::api::image::image_update_automation::definition),
    (&IMAGE_REPOSITORY, crate::api::image::image_repository::definition),
    (&KUSTOMIZATION, crate::api::kustomize::kustomization::definition),
    (&HELM_RELEASE, crate::api::helm::helm_release::definition),
];
