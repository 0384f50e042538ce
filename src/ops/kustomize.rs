//! Builds of kustomizations.

use super::elsewhere::Elsewhere;
use crate::ops::Sink;
use crate::render::Disk;
use crate::render::Tree;
use crate::render::kustomize;
use crate::render::kustomize::Outside;
use crate::text::without_credentials;
use anyhow::Context;
use serde_json::Value;
use std::cell::RefCell;
use std::path::Path;

/// Who hears of deprecated fields.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Deprecations {
    /// A line on stderr for each, as kustomize writes it.
    Told,
    Silent,
}

/// The objects of a folder of a tree.
///
/// # Errors
/// A build that fails.
pub async fn kustomize(
    ui: &dyn Sink,
    tree: impl Tree + Send + 'static,
    folder: &str,
    options: kustomize::Options,
    deprecations: Deprecations,
    elsewhere: &Elsewhere,
) -> anyhow::Result<Vec<Value>> {
    let (inside, elsewhere) = (folder.to_owned(), elsewhere.clone());
    let build = move || {
        let lines = RefCell::default();
        let tell = |line| RefCell::<Vec<String>>::borrow_mut(&lines).push(line);
        let remote = elsewhere.open();
        let outside = Outside { tell: &tell, remote: &remote };
        let built = kustomize::build_with(&tree, &inside, options, outside);
        (built, lines.into_inner())
    };
    // On a thread of its own: a build may take long, and its caller may be interrupted or run out of time.
    let (built, lines) = tokio::task::spawn_blocking(build).await?;
    if deprecations == Deprecations::Told {
        lines.iter().for_each(|line| ui.note(line));
    }
    built
}

/// The objects of a folder of the disk, or of a repository that the text is the address of; deprecated fields are reported.
///
/// # Errors
/// A folder that does not exist or cannot be built.
pub async fn kustomize_folder(
    ui: &dyn Sink,
    folder: &Path,
    options: kustomize::Options,
    elsewhere: &Elsewhere,
) -> anyhow::Result<Vec<Value>> {
    let shown = without_credentials(&folder.to_string_lossy());
    let is_address = folder.to_str().is_some_and(kustomize::is_address);
    let absolute = if is_address {
        folder.to_owned()
    } else {
        folder.canonicalize().with_context(|| format!("reading \"{shown}\""))?
    };
    // A base may be anywhere, and so the tree is the whole disk.
    let below_root = absolute.to_str().with_context(|| format!("the name of \"{shown}\" is not UTF-8"))?;
    let below_root = below_root.trim_start_matches('/');
    let built =
        self::kustomize(ui, Disk::new(Path::new("/"))?, below_root, options, Deprecations::Told, elsewhere)
            .await;
    built.with_context(|| format!("building \"{shown}\""))
}
