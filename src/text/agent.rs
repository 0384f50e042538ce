//! The name that servers see this program by.

/// The user agent at API servers and registries. It begins as that of Flux, because rules of registries may ask for it, and an API server takes
/// the part before the first slash as the name under which it keeps who wrote which field.
pub const AGENT: &str = concat!("flux/v2 fluxr/", env!("CARGO_PKG_VERSION"));
