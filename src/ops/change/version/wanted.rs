//! What the command line asks for: `nginx=1.27`, `chart=6.7.1`, `ref=v2`, or a value alone.

use crate::api::Pinned;
use crate::kind::KINDS;

/// A version that is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VersionRequest {
    pub(super) key: Key,
    pub(super) value: String,
}

/// What it is a version of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Key {
    /// The only thing that has a version.
    Only,
    Chart,
    /// The reference of a source, in the field that the value fits.
    Reference,
    /// The reference of a source, in this field.
    Field(&'static str),
    Image(String),
}

impl VersionRequest {
    /// Reads an argument.
    ///
    /// # Errors
    /// One without a value.
    pub fn read(argument: &str) -> anyhow::Result<Self> {
        let is_name = |name: &str| {
            !name.is_empty()
                && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_./:".contains(&byte))
        };
        // A range of versions may have an equals sign of its own.
        let (key, value) = match argument.split_once('=').filter(|(name, _)| is_name(name)) {
            None => (Key::Only, argument),
            Some(("chart", value)) => (Key::Chart, value),
            Some(("ref", value)) => (Key::Reference, value),
            Some((name, value)) => match field(name) {
                Some(field) => (Key::Field(field), value),
                None => (Key::Image(name.to_owned()), value),
            },
        };
        anyhow::ensure!(!value.trim().is_empty(), "\"{argument}\" names no version");
        Ok(Self { key, value: value.trim().to_owned() })
    }
}

/// The field of a reference that any kind of source has.
fn field(name: &str) -> Option<&'static str> {
    KINDS.iter().find_map(|kind| match kind.pinned {
        Pinned::Reference(fields) => fields.iter().copied().find(|field| *field == name),
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_argument_names_what_it_is_about() {
        let read =
            |argument: &str| VersionRequest::read(argument).map(|wanted| (wanted.key, wanted.value)).unwrap();
        let image = |name: &str| Key::Image(name.to_owned());
        for (argument, key, value) in [
            ("1.27", Key::Only, "1.27"),
            (">=1.0.0", Key::Only, ">=1.0.0"),
            ("nginx=1.27", image("nginx"), "1.27"),
            ("h:5000/a/b=x@sha256:0", image("h:5000/a/b"), "x@sha256:0"),
            ("chart=>=6.0.0", Key::Chart, ">=6.0.0"),
            ("ref=v1", Key::Reference, "v1"),
            ("branch=main", Key::Field("branch"), "main"),
            ("digest=sha256:0", Key::Field("digest"), "sha256:0"),
        ] {
            assert_eq!(read(argument), (key, value.to_owned()), "{argument}");
        }
        assert!(VersionRequest::read("nginx=").is_err() && VersionRequest::read("").is_err());
    }
}
