//! Which forge a host belongs to.

use crate::forge::FORGES;
use crate::forge::ForgeKind;
use crate::git::GitUrl;

/// Whether a host is known to belong to its forge, no matter who names it.
pub(super) fn is_public(url: &GitUrl) -> bool {
    let host = url.host().to_ascii_lowercase();
    FORGES.iter().any(|forge| forge.public.contains(&host.as_str()))
}

/// The forge whose name the host contains, e.g. `forge.example.com`.
pub(super) fn known(url: &GitUrl) -> Option<&'static ForgeKind> {
    let host = url.host().to_ascii_lowercase();
    FORGES.iter().find(|forge| host.split(['.', '-']).any(|part| part == forge.name_in_hosts()))
}
