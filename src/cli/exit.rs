//! From an outcome to the exit code of the process.

use crate::text::find_cause;
use crate::ui::ClosedPipe;
use crate::ui::Interrupted;
use crate::ui::Ui;
use std::process::ExitCode;

/// The end of the process with a code that is part of the contract.
#[derive(Debug, thiserror::Error)]
#[error("exit code {code}")]
pub struct Exit {
    code: u8,
    /// What is still to be reported.
    error: Option<anyhow::Error>,
}

impl Exit {
    /// Ends the process with this code and without another line.
    pub fn silent(code: u8) -> Self {
        Self { code, error: None }
    }

    /// Ends the process with this code for a failure; a reader that has gone and an interruption keep their own codes.
    pub fn failing(code: u8, error: anyhow::Error) -> anyhow::Error {
        let is_end = find_cause::<ClosedPipe>(&error).is_some()
            || find_cause::<Interrupted>(&error).is_some()
            || find_cause::<Self>(&error).is_some();
        if is_end { error } else { Self { code, error: Some(error) }.into() }
    }
}

/// The one place where an error becomes an exit code.
pub fn exit_code(outcome: anyhow::Result<()>, ui: &Ui) -> ExitCode {
    let Err(error) = outcome else { return ExitCode::SUCCESS };
    if find_cause::<ClosedPipe>(&error).is_some() {
        return ExitCode::SUCCESS;
    }
    if let Some(interrupted) = find_cause::<Interrupted>(&error) {
        ui.failure(interrupted.to_string());
        return ExitCode::from(interrupted.code());
    }
    if let Some(Exit { code, error }) = find_cause::<Exit>(&error) {
        error.iter().for_each(|error| ui.error(error));
        return ExitCode::from(*code);
    }
    ui.error(&error);
    ExitCode::FAILURE
}
