//! Which parts a command needs.

/// What a cluster without Flux consists of.
const CONTROL_PLANE: &[&str] =
    &["etcd", "kube-apiserver", "kube-controller-manager", "kube-scheduler", "kwok"];

/// A cluster without Flux.
pub const FOR_A_CLUSTER: &[&[&str]] = &[CONTROL_PLANE];

/// The tutorial installs two controllers.
pub const FOR_THE_TUTORIAL: &[&[&str]] = &[CONTROL_PLANE, &["source-controller", "kustomize-controller"]];

/// Its further chapters take all that it can be extended with, and a registry.
pub const FOR_ALL_CHAPTERS: &[&[&str]] = &[
    CONTROL_PLANE,
    &[
        "source-controller",
        "kustomize-controller",
        "helm-controller",
        "notification-controller",
        "image-reflector-controller",
        "image-automation-controller",
        "registry",
    ],
];

/// A real forge.
pub const FOR_GITEA: &[&[&str]] = &[&["gitea"]];

/// In an experiment, any controller may be installed.
pub const FOR_ALL_CONTROLLERS: &[&[&str]] = &[
    CONTROL_PLANE,
    &[
        "source-controller",
        "kustomize-controller",
        "notification-controller",
        "helm-controller",
        "image-reflector-controller",
        "image-automation-controller",
        "source-watcher",
    ],
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::build::recipe;

    #[test]
    fn every_part_of_a_selection_has_a_recipe() {
        for part in [FOR_A_CLUSTER, FOR_THE_TUTORIAL, FOR_ALL_CHAPTERS, FOR_GITEA, FOR_ALL_CONTROLLERS]
            .concat()
            .concat()
        {
            assert!(recipe(part).is_some(), "{part}");
        }
    }
}
