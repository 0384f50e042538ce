//! Libraries in C that crates carry and build into the program: cargo knows nothing of them.

use cargo_metadata::Package;

/// A library that a crate carries.
pub struct Native {
    /// The crate.
    pub carrier: &'static str,
    pub name: &'static str,
    /// An SPDX expression.
    pub licence: &'static str,
    /// Where its notice is, in the crate.
    pub notice: &'static str,
}

/// What is built, and not all that lies there. The test of the notices fails when a crate carries a licence that is missing here.
pub const NATIVE: [Native; 6] = [
    native("libgit2-sys", "libgit2", "GPL-2.0-only WITH GCC-exception-2.0", "libgit2/COPYING"),
    native("libgit2-sys", "llhttp", "MIT", "libgit2/deps/llhttp/LICENSE-MIT"),
    native("libgit2-sys", "pcre2", "BSD-3-Clause", "libgit2/deps/pcre2/LICENCE.md"),
    native("libgit2-sys", "xdiff", "LGPL-2.1-or-later", "libgit2/COPYING"),
    native("libz-sys", "zlib", "Zlib", "src/zlib/LICENSE"),
    native("ring", "fiat-crypto", "MIT", "third_party/fiat/LICENSE"),
];

const fn native(
    carrier: &'static str,
    name: &'static str,
    licence: &'static str,
    notice: &'static str,
) -> Native {
    Native { carrier, name, licence, notice }
}

/// The libraries that this crate carries.
pub fn carried_by(package: &Package) -> impl Iterator<Item = &'static Native> {
    NATIVE.iter().filter(|native| package.name == native.carrier)
}

impl Native {
    /// Its version, where the crate's own names it (`0.18.8+1.9.7`).
    #[must_use]
    pub fn version(&self, carrier: &Package) -> Option<String> {
        let is_main = NATIVE.iter().find(|other| other.carrier == self.carrier)?.name == self.name;
        let build = carrier.version.build.as_str();
        (is_main && !build.is_empty()).then(|| build.to_owned())
    }
}
