//! fluxr
