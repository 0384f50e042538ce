//! `help`: what `--help` shows, asked for by the words of a command.

use crate::cli::CommandContext;
use crate::cli::Exit;
use crate::cli::completion;
use crate::cli::completion::Line;
use crate::cli::deepest;
use crate::cli::help_text;
use crate::cli::plugins;
use crate::cli::similar_commands;

const EXAMPLES: &str = "\
# All about one command
fluxr help create source git";

/// Show the help of a command
#[derive(clap::Args, Debug)]
#[command(after_help = EXAMPLES)]
pub struct HelpArgs {
    /// The command; without one, the program
    #[arg(value_name = "COMMAND", num_args = 0.., add = completion::by(topics))]
    topic: Vec<String>,
}

impl HelpArgs {
    pub async fn run(self, context: &CommandContext) -> anyhow::Result<()> {
        let root = context.tree.whole(context.program);
        if let Some(word) = self.topic.first()
            && root.find_subcommand(word).is_none()
        {
            if let Some(plugin) = plugins::find(context.tree, &context.env, word) {
                let name = plugin.name;
                return context
                    .ui
                    .line(&format!("Runs the {name} plugin. Its help: {} {name} --help", context.program));
            }
            let topics: Vec<String> = self.topic.iter().map(|word| format!("`{word}`")).collect();
            let alike = similar_commands(&root, word);
            context.ui.failure(format!("Unknown help topic [{}]{alike}", topics.join(" ")));
            return Err(Exit::silent(1).into());
        }
        let (_, path) = deepest(&root, &self.topic);
        help_text::show(&context.ui, context.tree, context.program, &path, true)
    }
}

/// The commands below those that were typed.
fn topics(line: &Line, _: &str) -> Vec<String> {
    let root = line.tree.whole(line.program);
    let before = line.values("topic");
    let commands = deepest(&root, &before).0.get_subcommands();
    let names =
        commands.filter(|command| !command.is_hide_set()).map(|command| command.get_name().to_owned());
    let plugins = if before.is_empty() { plugins::all(line.tree, &line.env) } else { Vec::new() };
    names.chain(plugins.into_iter().map(|plugin| plugin.name)).collect()
}
