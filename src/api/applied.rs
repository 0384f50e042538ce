//! What an object had applied, and when.

/// A revision that was live, or was tried. What is not known is empty.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Past {
    /// The revision of the source, or the version of the chart.
    pub revision: String,
    /// The revision that the source itself was built from.
    pub origin: String,
    /// What tells contents of the same revision apart.
    pub digest: String,
    /// What tells the values of the same chart apart.
    pub config: String,
    /// The chart, without its version.
    pub chart: String,
    pub app_version: String,
    /// How it ended, as a CamelCase or a lower-case word of the controller's.
    pub status: String,
    /// The first and the last time that it was so, in RFC 3339.
    pub first: String,
    pub last: String,
    /// How long the last time took.
    pub took: String,
    /// How often it was so.
    pub count: Option<i64>,
}
