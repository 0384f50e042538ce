//! `why`: the one root cause of an object that is not as it should be.

use crate::api::Kind;
use crate::cli::Context;
use crate::cli::DocumentArgs;
use crate::cli::Exit;
use crate::cli::completion;
use crate::cluster;
use crate::kind;
use crate::ops::why;
use crate::text::WithHint;
use anyhow::Context as _;

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
    pub async fn run(self, context: &Context) -> anyhow::Result<()> {
        let format = self.output.read()?;
        let (kind, name) = asked(&self.words)?;
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

/// Kind and name from `ks/app`, `ks app` or `source git app`.
fn asked(words: &[String]) -> anyhow::Result<(&'static Kind, String)> {
    let whole = words.join("/");
    let parts: Vec<&str> = whole.split('/').filter(|part| !part.is_empty()).collect();
    let (name, kind) = match parts.split_last() {
        Some((name, kind)) if !kind.is_empty() => (*name, kind),
        _ => anyhow::bail!("which object? <kind>/<name> is required, such as kustomization/app"),
    };
    let kind = kind::by_words(kind)
        .with_context(|| format!("\"{}\" is not a kind of Flux", kind.join(" ")))
        .hint("`fluxr export --help` lists the kinds; short names such as ks, hr and gitrepo work too")?;
    Ok((kind, name.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::asked;

    #[test]
    fn an_object_is_named_in_one_word_or_in_several() {
        for line in ["ks/app", "Kustomization app", "kustomizations app", "kustomization/app"] {
            let words: Vec<String> = line.split(' ').map(str::to_owned).collect();
            let (kind, name) = asked(&words).unwrap();
            assert_eq!((kind.kind, name.as_str()), ("Kustomization", "app"), "{line}");
        }
        let words = ["source", "git", "app"].map(str::to_owned);
        assert_eq!(asked(&words).unwrap().0.kind, "GitRepository");
        assert_eq!(asked(&["gitrepo/app".to_owned()]).unwrap().0.kind, "GitRepository");
        assert!(asked(&["app".to_owned()]).unwrap_err().to_string().contains("<kind>/<name>"));
        assert!(asked(&["pod/app".to_owned()]).unwrap_err().to_string().contains("pod"));
    }
}
