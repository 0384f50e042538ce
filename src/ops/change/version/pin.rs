//! A version that files declare.

use super::setting::Setting;
use super::spot::Spot;
use crate::api::ObjectId;

/// What a version is of.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) enum What {
    Image(String),
    Chart,
    Reference,
}

impl What {
    fn name(&self) -> &str {
        match self {
            Self::Image(name) => name,
            Self::Chart => "chart",
            Self::Reference => "ref",
        }
    }
}

/// A version with what declares it, as output shows it.
pub(super) fn shown(what: &What, owner: &Owner) -> String {
    format!("{} of {}", what.name(), owner.shown())
}

/// What declares it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Owner {
    Object(ObjectId),
    /// A folder that no Kustomization is known to build.
    Folder(String),
}

impl Owner {
    pub(super) fn shown(&self) -> String {
        match self {
            Self::Object(id) => id.to_string(),
            Self::Folder(folder) => format!("./{folder}"),
        }
    }
}

/// A version, and every place where it is written.
#[derive(Debug, Clone)]
pub(super) struct Pin {
    pub(super) owner: Owner,
    pub(super) what: What,
    /// All names of an image, as manifests and kustomizations call it.
    pub(super) names: Vec<String>,
    pub(super) spots: Vec<Spot>,
}

impl Pin {
    /// What it is called beside its owner.
    pub(super) fn name(&self) -> &str {
        self.what.name()
    }

    /// `nginx of Kustomization/flux-system/shop`.
    pub(super) fn shown(&self) -> String {
        shown(&self.what, &self.owner)
    }

    pub(super) fn is_chart(&self) -> bool {
        self.what == What::Chart
    }

    /// Whether it has this value everywhere.
    pub(super) fn has(&self, value: &Setting) -> bool {
        self.spots.iter().all(|spot| spot.has(value))
    }

    /// The different values that it has now.
    pub(super) fn present(&self) -> Vec<&Setting> {
        let mut present: Vec<&Setting> = Vec::new();
        for one in self.spots.iter().flat_map(|spot| &spot.present) {
            if !present.contains(&one) {
                present.push(one);
            }
        }
        present
    }

    /// Whether this is the name of the image, or the last part of it.
    pub(super) fn is_called(&self, name: &str) -> bool {
        self.names.iter().any(|known| known == name || known.rsplit('/').next() == Some(name))
    }
}
