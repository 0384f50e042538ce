//! How the bytes of the Git protocol travel: two transports plugged into libgit2 in place of its own, over the TLS and SSH
//! implementations that are in the program anyway.

mod https;
mod pipe;
mod registry;
mod ssh;

pub(super) use registry::Ticket;
pub(super) use registry::link_to;
