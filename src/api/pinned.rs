//! Where the manifests of a kind say which version is wanted.

/// The version that the manifest of an object pins, if the kind has one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pinned {
    Nothing,
    /// Tags and digests of images that it applies, in this list of its spec and in the kustomizations that it builds.
    Images(&'static str),
    /// The version of a chart: the fields that lead to it, and where the reference to the source of the chart is.
    Chart {
        version: &'static [&'static str],
        source: &'static str,
    },
    /// What of a source is wanted, in one of these fields of `spec.ref`: of two, the first decides.
    Reference(&'static [&'static str]),
}

/// The field of `spec.ref` that names a branch, which moves by itself.
pub const BRANCH: &str = "branch";
/// The field of `spec.ref` that names a commit, which may be beside its branch.
pub const COMMIT: &str = "commit";
/// The field of `spec.ref` that names a digest.
pub const DIGEST: &str = "digest";
/// The field of `spec.ref` that has a full reference, such as `refs/tags/v1.0.0`.
pub const NAME: &str = "name";
/// The field of `spec.ref` that has a range of versions.
pub const SEMVER: &str = "semver";
/// The field of `spec.ref` that names a tag.
pub const TAG: &str = "tag";
