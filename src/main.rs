//! The process: environment in, exit code out. Everything between is in the library.

use fluxr::commands;
use fluxr::commands::Ending;
use fluxr::commands::Env;
use fluxr::ui::Ui;
use std::process::ExitCode;

fn main() -> ExitCode {
    let env = Env::from_process();
    let arguments: Vec<std::ffi::OsString> = std::env::args_os().collect();
    if let Some(code) = commands::complete(&arguments, &env) {
        return code;
    }
    let ui = Ui::for_process(|name| env.get(name), commands::colour_asked(&arguments));
    match commands::run(arguments, env, ui) {
        Ending::Returned(code) => code,
        Ending::AtOnce(code) => signal_hook::low_level::exit(code.into()),
    }
}
