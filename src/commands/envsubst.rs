//! `envsubst`: variables of the environment in what comes through a pipe, as Flux puts variables into manifests.

use crate::cli::CommandContext;
use crate::render;
use crate::render::Missing;
use crate::render::Unsubstituted;
use crate::text;
use crate::text::WithHint;
use crate::ui::Ui;

const EXAMPLES: &str = "\
# Look at manifests with their variables
fluxr kustomize ./deploy | region=eu fluxr envsubst --strict";

/// Replace variables in what is read from standard input by those of the environment
///
/// Variables are written ${name}, with the operators that Flux has for them after a build: ${name:-default}, ${name/from/to} and others. $${name} stays ${name}.
#[derive(clap::Args, Debug)]
#[command(after_help = EXAMPLES)]
pub struct EnvsubstArgs {
    /// Fail if a variable is not set and has no default
    #[arg(long)]
    strict: bool,
    #[arg(hide = true)]
    further: Vec<std::ffi::OsString>,
}

impl EnvsubstArgs {
    pub async fn run(self, context: &CommandContext) -> anyhow::Result<()> {
        if let Some(word) = self.further.first() {
            let (word, program) = (text::quoted(&word.to_string_lossy()), context.ui.invocation().program);
            anyhow::bail!("unknown command {word} for \"{program} envsubst\"");
        }
        let missing = if self.strict { Missing::Error } else { Missing::Empty };
        let mut number = 0;
        while let Some(line) = Ui::line_of_stdin()? {
            number += 1;
            let written = render::substitute(&line, missing, |name| context.env.get(name));
            let mut written = match written {
                Ok(written) => written,
                Err(error) => {
                    let step = match &error {
                        Unsubstituted::NotSet(name) => {
                            format!("set it, or give a default ${{{name}:=default}}")
                        }
                        Unsubstituted::Bad(_) => "write $${ for a literal ${".to_owned(),
                    };
                    return Err(error).hint(format!("line {number}: {step}"));
                }
            };
            written.push(b'\n');
            context.ui.bytes(&written)?;
        }
        Ok(())
    }
}
