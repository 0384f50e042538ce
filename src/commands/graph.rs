//! `graph`: the objects of Flux, what they refer to, and how they are, as text or as a picture.

use crate::cli::CommandContext;
use crate::cli::choice;
use crate::cli::completion;
use crate::cli::help_text;
use crate::cli::named_object;
use crate::ops::graph;
use crate::ops::graph::Drawn;
use crate::ops::graph::GraphRequest;
use crate::ops::graph::Start;
use crate::present::graph as draw;
use crate::present::graph::Graph;
use serde::Deserialize;
use std::path::PathBuf;

const EXAMPLES: &str = "\
# Sources, what is applied from them, and what waits for what
fluxr graph -A
# What an application needs, and what needs it
fluxr graph ks/app
# A picture of what a repository declares
fluxr graph --path . -o svg > fleet.svg";

/// The forms of `--output`.
const FORMATS: [&str; 5] = ["text", "dot", "mermaid", "json", "svg"];

/// Show the objects of Flux with their references and states
#[derive(clap::Args, Debug)]
#[command(after_help = EXAMPLES)]
pub struct GraphArgs {
    /// Only what this object needs, and what needs it: <kind>/<name>, or kind and name
    #[arg(id = "object", value_name = "KIND/NAME", num_args = 0.., add = completion::by(completion::objects))]
    words: Vec<String>,
    /// The objects of all namespaces
    #[arg(long, short = 'A', help_heading = help_text::SELECTION)]
    all_namespaces: bool,
    /// Draw the manifests below this folder, without a cluster
    #[arg(long, value_name = "folder", help_heading = help_text::SELECTION)]
    path: Option<PathBuf>,
    /// Format of the output: text, dot, mermaid, json or svg
    #[arg(long, short = 'o', value_name = "format", default_value = "text", value_parser = format, add = completion::words(FORMATS), help_heading = help_text::OUTPUT)]
    output: Format,
}

/// How the graph is drawn.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Format {
    Text,
    Dot,
    Mermaid,
    Json,
    Svg,
}

fn format(text: &str) -> Result<Format, String> {
    choice(text, &FORMATS, "no format given, use one of: text, dot, mermaid, json, svg", "format")
}

impl GraphArgs {
    pub async fn run(self, context: &CommandContext) -> anyhow::Result<()> {
        let named = (!self.words.is_empty()).then(|| named_object(&self.words)).transpose()?;
        let namespace = context.namespace.as_str();
        let start = named.as_ref().map(|(kind, name)| Start { kind, namespace, name });
        let Drawn { graph, failures } = match &self.path {
            Some(folder) => graph::from_folder(folder, namespace, start)?,
            None => {
                let namespace = (!self.all_namespaces).then_some(namespace);
                let request = GraphRequest { namespace, start, deadline: context.deadline };
                graph::from_cluster(&context.client().await?, &request).await?
            }
        };
        if graph.nodes.is_empty() && failures.is_empty() {
            context.ui.warning(self.nothing(namespace));
        }
        let drawn = self.output.draw(&graph)?;
        match self.output {
            // With coloured glyphs, where the terminal has colours.
            Format::Text if !drawn.is_empty() => context.ui.line(drawn.trim_end())?,
            _ => context.ui.data(&drawn)?,
        }
        failures.iter().for_each(|failure| context.ui.error(failure));
        let (noun, done) = if self.path.is_some() { ("file", "read") } else { ("kind", "listed") };
        let plural = if failures.len() == 1 { "" } else { "s" };
        anyhow::ensure!(failures.is_empty(), "{} {noun}{plural} could not be {done}", failures.len());
        Ok(())
    }

    /// The message for a graph without objects.
    fn nothing(&self, namespace: &str) -> String {
        match &self.path {
            Some(folder) => format!("no file below \"{}\" declares an object of Flux", folder.display()),
            None if self.all_namespaces => "the cluster has no objects of Flux".to_owned(),
            None => format!("the namespace \"{namespace}\" has no objects of Flux"),
        }
    }
}

impl Format {
    fn draw(self, graph: &Graph) -> anyhow::Result<String> {
        Ok(match self {
            Self::Text => draw::text(graph),
            Self::Dot => draw::dot(graph),
            Self::Mermaid => draw::mermaid(graph),
            Self::Json => draw::document(graph)?,
            Self::Svg => draw::svg(graph),
        })
    }
}
