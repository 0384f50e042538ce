//! How the values of flags become fields of a spec: what is not given is left out.

use crate::api::meta::Dependency;
use crate::api::meta::KubeConfig;
use crate::api::meta::LocalObjectReference;
use crate::api::meta::SecretKeyReference;
use crate::cli::list_flag;
use crate::cli::list_flag::Items;
use std::time::Duration;

/// A text that is not empty.
pub(super) fn some(text: &str) -> Option<String> {
    Some(text).filter(|text| !text.is_empty()).map(str::to_owned)
}

/// A reference to the object of this name.
pub(super) fn reference(name: &str) -> Option<LocalObjectReference> {
    some(name).map(|name| LocalObjectReference { name })
}

/// A reference to the Secret with the kubeconfig of another cluster.
pub(super) fn kube_config(secret: &str) -> Option<KubeConfig> {
    some(secret).map(|name| KubeConfig {
        secret_ref: Some(SecretKeyReference { name, key: None }),
        ..KubeConfig::default()
    })
}

/// A time that is not zero.
pub(super) fn time<T: From<Duration>>(time: Duration) -> Option<T> {
    Some(time).filter(|time| !time.is_zero()).map(Into::into)
}

/// A list that is not empty.
pub(super) fn list(given: &[Items]) -> Option<Vec<String>> {
    Some(list_flag::all(given)).filter(|list| !list.is_empty())
}

/// A list as lines of one text.
pub(super) fn lines(given: &[Items]) -> Option<String> {
    list(given).map(|lines| lines.join("\n"))
}

/// Objects that must be ready first.
pub(super) fn dependencies(given: &[Items]) -> Option<Vec<Dependency>> {
    Some(list_flag::each(given).map(dependency).collect::<Vec<_>>()).filter(|list| !list.is_empty())
}

/// `[namespace/]name[@expression]`: the expression tells whether the dependency is ready.
fn dependency(text: &str) -> Dependency {
    let (text, expression) = text.split_once('@').unwrap_or((text, ""));
    let (namespace, name) = text.split_once('/').unwrap_or(("", text));
    Dependency { name: name.to_owned(), namespace: some(namespace), ready_expr: some(expression) }
}
