//! The build script: how a release is linked.

#![expect(clippy::disallowed_methods, reason = "cargo speaks to a build script through its environment")]

/// Identical functions are kept once. Known to the linker of this target only.
const FOLD: &str = "-Wl,--icf=all";

fn main() {
    println!("cargo:rerun-if-changed=src/build.rs");
    let is = |name: &str, wanted: &str| std::env::var(name).is_ok_and(|value| value == wanted);
    let is_known = is("CARGO_CFG_TARGET_ARCH", "x86_64")
        && is("CARGO_CFG_TARGET_OS", "linux")
        && is("CARGO_CFG_TARGET_ENV", "gnu");
    if is_known && is("PROFILE", "release") {
        println!("cargo:rustc-link-arg-bins={FOLD}");
    }
}
