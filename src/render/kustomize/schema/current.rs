//! The schema of the build that runs on this thread. kustomize has one for all of its process, and the first kustomization that names
//! one decides; here a build has one, so that two can run at once.

use super::custom;
use super::table;
use super::table::Field;
use super::table::Schema;
use super::table::Table;
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::sync::Arc;

/// The one version whose types are built in.
const BUILT_IN: &str = "v1.21.2";

#[derive(Default)]
struct Current {
    is_decided: bool,
    /// Whether the built-in types were needed, and so stay, before a schema was named.
    is_built_in_used: bool,
    custom: Option<Arc<Table>>,
}

thread_local! {
    static CURRENT: RefCell<Current> = RefCell::default();
}

/// While it lives, a build has the schemas for itself.
pub(in crate::render::kustomize) struct Scope(Option<Current>);

impl Scope {
    pub(in crate::render::kustomize) fn open() -> Self {
        Self(Some(CURRENT.take()))
    }
}

impl Drop for Scope {
    fn drop(&mut self) {
        CURRENT.set(self.0.take().unwrap_or_default());
    }
}

/// What `openapi` of a kustomization says; `read` reads the file that it names. Only the first one counts.
///
/// # Errors
/// A file that cannot be read or is not a schema; a version that is not built in.
pub(in crate::render::kustomize) fn set(
    openapi: &BTreeMap<String, String>,
    read: impl Fn(&str) -> anyhow::Result<String>,
) -> anyhow::Result<()> {
    let text = openapi.get("path").map(|path| read(path).map(|text| (path, text))).transpose()?;
    if CURRENT.with_borrow(|current| current.is_decided) {
        return Ok(());
    }
    let version = openapi.get("version").filter(|version| !version.is_empty());
    if let Some((path, text)) = text {
        anyhow::ensure!(
            !openapi.contains_key("version"),
            "builtin version and custom schema provided, cannot use both"
        );
        let read = Arc::new(custom::read(&text, path)?);
        CURRENT.with_borrow_mut(|current| {
            current.is_decided = true;
            current.custom = Some(read);
        });
    } else if let Some(version) = version {
        anyhow::ensure!(version == BUILT_IN, "the specified OpenAPI version is not built in");
        CURRENT.with_borrow_mut(|current| current.is_decided = true);
    }
    Ok(())
}

/// The type of an object; `None` if the schema does not have it.
pub(in crate::render::kustomize) fn of_object(api_version: &str, kind: &str) -> Option<Arc<Schema>> {
    let name = format!("{api_version} {kind}");
    CURRENT.with_borrow_mut(|current| {
        let Some(custom) = &current.custom else {
            current.is_built_in_used = true;
            return table::built_in()?.of_type(&name);
        };
        custom
            .of_type(&name)
            .or_else(|| if current.is_built_in_used { table::built_in()?.of_type(&name) } else { None })
    })
}

impl Field {
    /// The type of the field, or of the items of the list.
    pub(in crate::render::kustomize) fn schema(&self) -> Option<Arc<Schema>> {
        definition(&self.of)
    }
}

/// A definition by its name; those of a custom schema are marked.
fn definition(name: &str) -> Option<Arc<Schema>> {
    if name.starts_with(custom::MARK) {
        CURRENT.with_borrow(|current| current.custom.as_ref()?.definition(name))
    } else {
        table::built_in()?.definition(name)
    }
}

/// Whether the schema that the kustomization names has the kind without a namespace.
pub(in crate::render::kustomize) fn is_cluster_scoped(group: &str, version: &str, kind: &str) -> bool {
    CURRENT.with_borrow(|current| {
        let Some(custom) = &current.custom else { return false };
        let slash = if group.is_empty() { "" } else { "/" };
        custom.is_cluster_scoped(&format!("{group}{slash}{version} {kind}"))
    })
}
