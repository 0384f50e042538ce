//! `why`: the one root cause of an object that is not as it should be.

use crate::cli::CommandContext;
use crate::cli::DocumentArgs;
use crate::cli::Exit;
use crate::cli::completion;
use crate::cli::named_object;
use crate::cluster;
use crate::ops::why;

const EXAMPLES: &str = "\
# What is wrong with an application, and what to do next?
fluxr why ks/app
# The same for a program
fluxr why helmrelease app -o json";

/// Say why an object is not as it should be: the one root cause, and the command to run next
#[derive(clap::Args, Debug)]
#[command(after_help = EXAMPLES)]
pub struct WhyArgs {
    /// The object: <kind>/<name>, or kind and name
    #[arg(id = "object", value_name = "KIND/NAME", num_args = 0.., add = completion::by(completion::objects))]
    words: Vec<String>,
    #[command(flatten)]
    output: DocumentArgs,
}

impl WhyArgs {
    pub async fn run(self, context: &CommandContext) -> anyhow::Result<()> {
        let format = self.output.read()?;
        let (kind, name) = named_object(&self.words)?;
        let client = context.client().await?;
        let question = why::Question {
            kind,
            namespace: &context.namespace,
            name: &name,
            program: context.program,
            now: (context.now)().timestamp(),
        };
        let answer = why::why(&client, question);
        let answer = cluster::in_time(context.timeout, "looking for the cause", answer).await?;
        let answer = answer.with_commands(|command| context.ui.invocation().command(command));
        context.ui.line(format.text(&answer, why::Answer::render)?.trim_end())?;
        if answer.cause.is_some() { Err(Exit::silent(1).into()) } else { Ok(()) }
    }
}
