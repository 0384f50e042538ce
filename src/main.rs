//! The process: environment in, exit code out. Everything between is in the library.

mod process;

use fluxr::Env;
use std::ffi::OsString;
use std::process::ExitCode;

fn main() -> ExitCode {
    process::allocate_in_one_arena();
    process::forget_relocations();
    let arguments: Vec<OsString> = std::env::args_os().collect();
    fluxr::run(&arguments, Env::from_process(), |code| signal_hook::low_level::exit(code.into()))
}
