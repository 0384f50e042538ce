//! Which files an artifact consists of.

use super::list_flag;
use super::list_flag::Items;
use super::list_flag::items;
use crate::oci::archive::Source;
use crate::text;
use crate::text::IgnoreRules;
use crate::ui::Ui;
use std::path::Path;

// Not a documentation comment: clap would show it as what the command is.
#[derive(clap::Args, Debug)]
pub struct IgnoreArgs {
    /// Patterns to exclude, as in .gitignore, instead of the default ones
    #[arg(long, value_parser = items, default_value = ".git/,.gitignore,.gitmodules,.gitattributes,*.jpg,*.jpeg,*.gif,*.png,*.wmv,*.flv,*.tar.gz,*.zip")]
    ignore_paths: Vec<Items>,
    /// Patterns to exclude in addition
    #[arg(long, value_parser = items)]
    add_ignore_paths: Vec<Items>,
}

impl IgnoreArgs {
    fn rules(&self) -> IgnoreRules {
        IgnoreRules::read(list_flag::each(&self.ignore_paths).chain(list_flag::each(&self.add_ignore_paths)))
    }

    /// The folder or file of `--path`, or what comes from standard input where that is `-` and may be.
    ///
    /// # Errors
    /// A path that does not exist; a standard input that cannot be read.
    pub fn source(&self, path: &str, takes_stdin: bool, follows_links: bool) -> anyhow::Result<Source> {
        if takes_stdin && path == "-" {
            return Ok(Source::text(Ui::stdin()?, self.rules()));
        }
        let exists = text::stat(Path::new(path)).is_ok();
        anyhow::ensure!(exists, "invalid path '{path}', must point to an existing directory or file");
        Ok(Source::path(Path::new(path), self.rules(), follows_links))
    }
}
