//! Which version of its API each release of Flux wants objects of a kind in.

use super::Kind;

/// The minor releases of Flux that are supported, the newest first.
pub const RELEASES: [&str; 4] = ["2.9", "2.8", "2.7", "2.6"];

/// Groups that were otherwise in a release: with another version, or not at all. All others have had theirs for as long.
const EXCEPTIONS: [(&str, &str, Option<&str>); 2] =
    [("2.6", "image.toolkit.fluxcd.io", Some("v1beta2")), ("2.6", "source.extensions.fluxcd.io", None)];

impl Kind {
    /// The version for a release, if that has the kind.
    pub fn version_in(&self, release: &str) -> Option<&'static str> {
        let exception = EXCEPTIONS.iter().find(|(of, group, _)| *of == release && *group == self.group);
        exception.map_or(Some(self.version), |(_, _, version)| *version)
    }
}
