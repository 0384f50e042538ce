//! The hermetic tests: nothing but cargo and a `git` binary.

#![expect(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    reason = "tests may look at the world and stop at a surprise"
)]

mod install_script;
