//! Commands in hints are there to be pasted: they name the program as it was called, and reach the same cluster.
//!
//! In the source a hint holds its commands in backquotes, those of this program as `fluxr …` with the namespace of the object as
//! ` -n <namespace>`. What else they need is known only where the command line is, and is added when a hint is shown.

/// How the program was called.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Invocation {
    /// The name that it was called by.
    pub program: &'static str,
    /// The namespace of commands without `-n`.
    pub namespace: String,
    /// Name and value of the flags that choose the cluster and the user.
    pub flags: Vec<(&'static str, String)>,
}

impl Invocation {
    /// A hint with its commands completed.
    pub fn complete(&self, hint: &str) -> String {
        let parts = hint.split('`').enumerate();
        let parts: Vec<String> =
            parts.map(|(at, part)| if at % 2 == 1 { self.command(part) } else { part.to_owned() }).collect();
        parts.join("`")
    }

    /// One command completed; other programs than this one and `kubectl` are left alone.
    pub fn command(&self, line: &str) -> String {
        let (program, rest) = line.split_once(' ').unwrap_or((line, ""));
        let (program, rest) = match program {
            "fluxr" | "flux" => (self.program, self.without_default_namespace(rest)),
            "kubectl" => (program, rest.to_owned()),
            _ => return line.to_owned(),
        };
        // What a kubeconfig holds is listed whatever is chosen in it.
        let is_listing = rest.starts_with("config get-");
        let flags = self
            .flags
            .iter()
            .filter(|(name, _)| !is_listing || *name == "kubeconfig")
            .map(|(name, value)| format!("--{name}={}", quoted(value)));
        let words = [program.to_owned(), rest].into_iter().filter(|word| !word.is_empty());
        words.chain(flags).collect::<Vec<_>>().join(" ")
    }

    fn without_default_namespace(&self, rest: &str) -> String {
        let flag = format!(" -n {}", self.namespace);
        match rest.split_once(&flag) {
            Some((before, after)) if after.is_empty() || after.starts_with(' ') => format!("{before}{after}"),
            _ => rest.to_owned(),
        }
    }
}

/// A word as a shell reads it back.
fn quoted(word: &str) -> String {
    let is_plain = |letter: char| letter.is_ascii_alphanumeric() || "-_./:@%+,=".contains(letter);
    if !word.is_empty() && word.chars().all(is_plain) {
        return word.to_owned();
    }
    format!("'{}'", word.replace('\'', "'\\''"))
}

#[cfg(test)]
mod tests {
    use super::Invocation;

    fn invocation(flags: &[(&'static str, &str)]) -> Invocation {
        Invocation {
            program: "flux",
            namespace: "flux-system".to_owned(),
            flags: flags.iter().map(|(name, value)| (*name, (*value).to_owned())).collect(),
        }
    }

    #[test]
    fn commands_get_the_name_of_the_program_and_what_chooses_the_cluster() {
        let here = invocation(&[("context", "it's a \"test\""), ("kubeconfig", "/tmp/kc")]);
        assert_eq!(
            here.complete(
                "`fluxr get ks -A` lists them, `kubectl get ns` too, `make` does not, fluxr neither"
            ),
            "`flux get ks -A --context='it'\\''s a \"test\"' --kubeconfig=/tmp/kc` lists them, \
             `kubectl get ns --context='it'\\''s a \"test\"' --kubeconfig=/tmp/kc` too, `make` does not, fluxr neither"
        );
    }

    #[test]
    fn a_namespace_is_named_unless_it_is_the_default_one() {
        let here = invocation(&[]);
        assert_eq!(here.command("fluxr why ks/app -n flux-system"), "flux why ks/app");
        assert_eq!(here.command("fluxr why ks/app -n flux-system --x"), "flux why ks/app --x");
        assert_eq!(here.command("fluxr why ks/app -n flux-system-2"), "flux why ks/app -n flux-system-2");
        assert_eq!(
            here.command("kubectl -n flux-system describe pod x"),
            "kubectl -n flux-system describe pod x"
        );
        assert_eq!(here.command("fluxr"), "flux");
        let chosen = invocation(&[("kubeconfig", "kc"), ("context", "none")]);
        assert_eq!(
            chosen.command("kubectl config get-contexts"),
            "kubectl config get-contexts --kubeconfig=kc"
        );
    }
}
