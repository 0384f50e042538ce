//! libFuzzer over one target, which `FUZZ_TARGET` names. `cargo testbed fuzz` builds and runs it.

#![no_main]

use libfuzzer_sys::fuzz_target;
use std::sync::OnceLock;
use testbed::fuzz::Target;

static TARGET: OnceLock<&Target> = OnceLock::new();

fuzz_target!(|input: &[u8]| {
    let target = TARGET.get_or_init(|| testbed::fuzz::chosen().expect("FUZZ_TARGET names no target"));
    (target.run)(input);
});
