//! The registry of kinds: one line per kind; everything that loops over kinds loops over this.

use crate::api::Kind;
use serde_json::Value;

/// A line is the group's module, the kind's module, and its constant.
macro_rules! kinds {
    ($($group:ident::$module:ident::$kind:ident,)*) => {
        /// All kinds, in the order of `get all`; generators, which that leaves out, come last.
        pub static KINDS: &[&Kind] = &[$(&crate::api::$group::$module::$kind,)*];

        /// What makes the definition of each kind. Apart from the kinds, so that a program which never asks for a definition does not
        /// carry what makes it.
        static DEFINITIONS: &[fn() -> Value] = &[$(crate::api::$group::$module::definition,)*];
    };
}

kinds! {
    source::oci_repository::OCI_REPOSITORY,
    source::bucket::BUCKET,
    source::git_repository::GIT_REPOSITORY,
    source::helm_repository::HELM_REPOSITORY,
    source::helm_chart::HELM_CHART,
    source::external_artifact::EXTERNAL_ARTIFACT,
    image::image_repository::IMAGE_REPOSITORY,
    image::image_policy::IMAGE_POLICY,
    image::image_update_automation::IMAGE_UPDATE_AUTOMATION,
    helm::helm_release::HELM_RELEASE,
    kustomize::kustomization::KUSTOMIZATION,
    notification::receiver::RECEIVER,
    notification::provider::PROVIDER,
    notification::alert::ALERT,
    extensions::artifact_generator::ARTIFACT_GENERATOR,
}

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

/// The kind that words mean: one as for [`by_word`], or those that follow `export` or `get`, such as `source git`.
pub fn by_words(words: &[&str]) -> Option<&'static Kind> {
    let is_named = |noun: &[&str], aliases: &[&str]| {
        let (Some((last, before)), Some((word, group))) = (noun.split_last(), words.split_last()) else {
            return false;
        };
        before == group && (last == word || aliases.contains(word))
    };
    let is_called = |kind: &&Kind| {
        is_named(kind.noun.one, kind.noun.one_aliases) || is_named(kind.noun.many, kind.noun.many_aliases)
    };
    let named = words.first().filter(|_| words.len() == 1).and_then(|word| by_word(word));
    named.or_else(|| KINDS.iter().copied().find(is_called))
}

/// The CustomResourceDefinition of a kind, generated from its Rust types. The program itself carries the finished file, which is held
/// against this.
///
/// # Panics
/// For a kind that is not in [`KINDS`].
pub fn definition(kind: &Kind) -> Value {
    let index = KINDS.iter().position(|known| known.kind == kind.kind);
    DEFINITIONS[index.expect("a kind of KINDS")]()
}
