//! What a release consists of, made reproducibly: programs, completions, man pages, licence notices, bills of materials, checksums, a signature, the installer.

mod archive;
mod compile;
mod crates;
mod installer;
mod licences;
mod make;
mod man;
mod native;
mod notices;
mod publish;
mod sbom;
mod signature;
mod target;

pub use archive::Entry;
pub use archive::pack;
pub use compile::Symbols;
pub use compile::compile;
pub use crates::Crates;
pub use licences::Rules;
pub use make::Options;
pub use make::program;
pub use make::release;
pub use man::pages;
pub use notices::notices;
pub use publish::Program;
pub use publish::Release;
pub use sbom::sbom;
pub use signature::Key;
pub use target::TARGETS;
pub use target::host;
