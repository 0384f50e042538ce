//! How a folder is built.

use super::order::Reorder;

/// Where the files of a kustomization may be; its bases may be anywhere in the tree.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Restrictor {
    /// In or below its own folder.
    #[default]
    RootOnly,
    /// Anywhere in the tree.
    None,
}

/// How to build.
#[derive(Debug, Clone, Copy, Default)]
pub struct Options {
    pub restrictor: Restrictor,
    pub reorder: Reorder,
    /// Whether every object gets a label that names kustomize, also when the kustomization does not ask for it.
    pub managed_by_label: bool,
}

impl Options {
    /// As the controller builds: files from anywhere in the tree, in the order of the resources.
    pub const OF_CONTROLLER: Self =
        Self { restrictor: Restrictor::None, reorder: Reorder::None, managed_by_label: false };
}
