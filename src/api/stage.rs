//! What `trace` reports about an object of a kind that is part of the way from a source to the cluster.

/// How an object of a kind is reported.
#[derive(Debug)]
pub struct Stage {
    /// In the order in which they are shown.
    pub facts: &'static [StageFact],
    /// Where something comes from, not what applies it.
    pub is_source: bool,
    /// "Last reconciliation failed" is reported for a failure; for the other kinds Flux says "Last reconciled".
    pub tells_failure: bool,
    /// Where values begin, as Flux aligns them: behind a Kustomization, and behind a release.
    pub widths: (usize, usize),
}

/// A line of the report: its label, and where its value is.
#[derive(Debug, Clone, Copy)]
pub enum StageFact {
    /// Also when it is empty.
    Always(&'static str, &'static str),
    /// Only when it is set.
    IfSet(&'static str, &'static str),
    /// The first field of `spec.ref` that is set.
    Reference(&'static [(&'static str, &'static str)]),
    /// The object that `spec.sourceRef` names, which must be there.
    Producer,
    /// The revision of the artifact, once there is one.
    Artifact,
    /// Where the artifact's content came from before it was packed; only behind a Kustomization.
    Origin,
}
