//! Git without a `git` binary: clone, commit, sign and push over HTTPS and SSH, with the keys and host keys for it.
//!
//! libgit2 does the repository work; the bytes travel over transports of our own ([`transport`]), so that every operation has its own
//! certificate authority, credentials and host keys, and nothing is set for the whole process. Every future here may be dropped at any
//! moment (a timeout, Ctrl-C): the transfer stops and the private clone is removed. Nothing is retried here; [`GitError::is_transient`]
//! tells a caller what is worth another attempt. Nothing here knows a forge or a cluster.

mod checkout;
mod clone;
mod commits;
mod core;
mod date;
mod diff;
mod error;
mod explore;
mod here;
mod identity;
mod packets;
mod path_history;
mod push;
mod remote;
mod session;
mod settings;
pub mod sign;
mod snapshot;
pub mod ssh;
mod transport;
mod url;
mod workspace;

pub use checkout::Link;
pub use checkout::ResolvedCommit;
pub use checkout::check_out_local;
pub use checkout::submodules;
pub use commits::Commit;
pub use commits::WantedCommit;
pub use diff::unified_diff;
pub use error::GitError;
pub use explore::Fetched;
pub use explore::Line;
pub use here::Checkout;
pub use here::checkout_around;
pub use here::committed_around;
pub use here::stored_credentials;
pub use identity::Identity;
pub use identity::Person;
pub use identity::identity;
pub use path_history::PastCommit;
pub use push::Destination;
pub use push::Replaces;
pub use remote::Advertised;
pub use remote::Auth;
pub use remote::Remote;
pub use session::private_directory;
pub use session::remove_private_directories;
pub use settings::Settings;
pub use snapshot::Files;
pub use snapshot::Item;
pub use snapshot::Snapshot;
pub use url::GitUrl;
pub use url::Scheme;
pub use workspace::Author;
pub use workspace::LastCommit;
pub use workspace::Workspace;
