//! SSH: keys, host keys, connections. Carries Git's protocol in [`super::transport`]; this room is about identities.

mod algorithms;
mod auth;
mod connection;
mod decode;
mod hostkey;
mod keys;
mod known_hosts;
mod pem;

pub use auth::SshAuth;
pub(super) use connection::Connection;
pub use hostkey::scan_host_key;
pub use keys::Curve;
pub use keys::KeyAlgorithm;
pub use keys::KeyPair;
pub use keys::PrivateKey;
pub use known_hosts::read as read_known_hosts;
