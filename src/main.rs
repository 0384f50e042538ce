//! The process: environment in, exit code out. Everything between is in the library.

use fluxr::Ending;
use fluxr::Env;
use std::process::ExitCode;

fn main() -> ExitCode {
    match fluxr::run(std::env::args_os().collect(), Env::from_process()) {
        Ending::Returned(code) => code,
        Ending::AtOnce(code) => signal_hook::low_level::exit(code.into()),
    }
}
