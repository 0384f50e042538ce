//! `-A` and `-l`: the objects that a command of many is about.

use super::help_text;
use crate::cluster::Selection;
use crate::cluster::judge_selector;

/// The flags that select objects of more than one namespace, or with labels.
#[derive(clap::Args, Debug)]
pub struct SelectionArgs {
    /// The objects of all namespaces
    #[arg(long, short = 'A', global = true, help_heading = help_text::SELECTION)]
    pub all_namespaces: bool,
    /// Only objects with these labels, e.g. key1=value1,key2!=value2
    #[arg(long, short = 'l', global = true, help_heading = help_text::SELECTION)]
    label_selector: String,
}

impl SelectionArgs {
    /// Whether labels were given.
    pub fn has_labels(&self) -> bool {
        !self.label_selector.is_empty()
    }

    /// What is asked of the API server; the namespace is that of the command.
    ///
    /// # Errors
    /// A text that is not a label selector, in the words of the Flux CLI.
    pub fn selection(&self, namespace: &str) -> anyhow::Result<Selection> {
        judge_selector(&self.label_selector).map_err(|reason| {
            let text = &self.label_selector;
            anyhow::anyhow!(
                "unable to parse label selector: couldn't parse the selector string \"{text}\": {reason}"
            )
        })?;
        Ok(Selection {
            namespace: (!self.all_namespaces).then(|| namespace.to_owned()),
            labels: self.has_labels().then(|| self.label_selector.clone()),
            ..Selection::default()
        })
    }
}
