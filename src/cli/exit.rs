//! From an outcome to the exit code of the process.

use crate::text::find_cause;
use crate::ui::ClosedPipe;
use crate::ui::Interrupted;
use crate::ui::Ui;
use std::process::ExitCode;

/// A failure that was reported already: only its code remains, which is part of the contract.
#[derive(Debug, thiserror::Error)]
#[error("exit code {0}")]
pub struct Exit(u8);

impl Exit {
    /// Ends the process with this code and without another line.
    pub fn silent(code: u8) -> Self {
        Self(code)
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
    if let Some(Exit(code)) = find_cause::<Exit>(&error) {
        return ExitCode::from(*code);
    }
    ui.error(&error);
    ExitCode::FAILURE
}
