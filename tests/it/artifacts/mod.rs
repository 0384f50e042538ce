//! Artifacts: built from files, pushed to a registry, listed, tagged, compared, and pulled again. The registry is a stand-in.

mod archives;
mod commands;
mod faults;
mod logins;
mod shared;
