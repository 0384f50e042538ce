//! `docgen`: the reference of the commands, for a website.

use crate::cli::CommandContext;
use crate::cli::help_text;
use crate::cli::pages::pages;
use crate::text::NotReadable;
use std::path::PathBuf;

const EXAMPLES: &str = "\
# A page for every command
fluxr docgen --path=./reference";

/// Write the reference of the commands as Markdown
#[derive(clap::Args, Debug)]
#[command(after_help = EXAMPLES, hide = true)]
pub struct DocgenArgs {
    /// Folder to write the pages to; it must exist
    #[arg(long, default_value = "./docs/cmd")]
    path: PathBuf,
}

impl DocgenArgs {
    pub async fn run(self, context: &CommandContext) -> anyhow::Result<()> {
        let root = help_text::manual(context.tree, context.program);
        for (name, page) in pages(&root) {
            let title = name.trim_end_matches(".md").replace('_', " ");
            let file = self.path.join(&name);
            let written = std::fs::write(&file, format!("---\ntitle: \"{title}\"\n---\n{page}"));
            written.map_err(|why| NotReadable::new(&file, why))?;
        }
        Ok(())
    }
}
