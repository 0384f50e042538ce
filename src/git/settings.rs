//! Git's configuration: the files that Git itself reads, and what variables of the environment say. libgit2 knows the usual places, but
//! none of the variables.

use std::path::Path;
use std::path::PathBuf;

use git2::Config;
use git2::ConfigLevel;

use super::GitError;
use super::session::private_directory;

/// Where Git's configuration is.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    /// The file of the machine, if another one than the usual is named.
    system: Option<PathBuf>,
    /// What says whether that is left out.
    without_system: String,
    /// The file of the user, if another one than the usual is named.
    global: Option<PathBuf>,
    /// How many values are given in variables.
    count: String,
    /// Their names and values, up to the first that lacks one of the two.
    given: Vec<(Option<String>, Option<String>)>,
    /// A folder in the repository whose own configuration counts, too.
    folder: Option<PathBuf>,
}

impl Settings {
    /// Reads the variables of the environment.
    pub fn read(variable: impl Fn(&str) -> Option<String>) -> Self {
        let count = variable("GIT_CONFIG_COUNT").unwrap_or_default();
        let mut given = Vec::new();
        for number in 0..count.trim().parse::<usize>().unwrap_or_default() {
            let name = variable(&format!("GIT_CONFIG_KEY_{number}"));
            let value = variable(&format!("GIT_CONFIG_VALUE_{number}"));
            let is_whole = name.is_some() && value.is_some();
            given.push((name, value));
            if !is_whole {
                break;
            }
        }
        Self {
            system: variable("GIT_CONFIG_SYSTEM").map(PathBuf::from),
            without_system: variable("GIT_CONFIG_NOSYSTEM").unwrap_or_default(),
            global: variable("GIT_CONFIG_GLOBAL").map(PathBuf::from),
            count,
            given,
            folder: None,
        }
    }

    /// The same with the configuration of the repository around a folder.
    #[must_use]
    pub fn within(&self, folder: &Path) -> Self {
        Self { folder: Some(folder.to_owned()), ..self.clone() }
    }

    /// All values, as they are now.
    ///
    /// # Errors
    /// A file or a variable that Git refuses, too.
    pub(super) fn open(&self) -> Result<Config, GitError> {
        let repository = self.folder.as_ref().and_then(|folder| git2::Repository::discover(folder).ok());
        let usual = match &repository {
            Some(repository) => repository.config(),
            None => Config::open_default(),
        };
        let mut config = usual.map_err(broken)?;
        // A level is replaced by another file, or by one that is not there.
        let scratch = private_directory()?;
        let none = scratch.path().join("none");
        let mut replace = |level, file: Option<&PathBuf>| {
            // Git leaves out what it cannot read.
            let file = file.filter(|file| std::fs::File::open(file).is_ok()).unwrap_or(&none);
            config.add_file(file, level, true).map_err(broken)
        };
        if is_true("GIT_CONFIG_NOSYSTEM", &self.without_system)? {
            replace(ConfigLevel::System, None)?;
        } else if self.system.is_some() {
            replace(ConfigLevel::System, self.system.as_ref())?;
        }
        if self.global.is_some() {
            replace(ConfigLevel::XDG, None)?;
            replace(ConfigLevel::Global, self.global.as_ref())?;
        }
        if !self.count.is_empty() {
            let file = scratch.path().join("given");
            self.write(&file)?;
            replace(ConfigLevel::App, Some(&file))?;
        }
        config.snapshot().map_err(broken)
    }

    /// Writes the values that variables give into a file.
    fn write(&self, file: &Path) -> Result<(), GitError> {
        let wrong = |what: String| Err(GitError::other(READING, what));
        if self.count.trim().parse::<usize>().is_err() {
            return wrong(format!("GIT_CONFIG_COUNT is \"{}\", not a number", self.count));
        }
        let mut config = Config::open(file).map_err(broken)?;
        for (number, (name, value)) in self.given.iter().enumerate() {
            match (name, value) {
                (Some(name), Some(value)) => config.set_str(name, value).map_err(broken)?,
                (None, _) => return wrong(format!("GIT_CONFIG_KEY_{number} is missing")),
                (_, None) => return wrong(format!("GIT_CONFIG_VALUE_{number} is missing")),
            }
        }
        Ok(())
    }
}

const READING: &str = "reading Git's configuration";

fn broken(error: git2::Error) -> GitError {
    GitError::other(READING, error.message())
}

/// A variable that is true or false, in Git's words; empty is false.
fn is_true(name: &str, value: &str) -> Result<bool, GitError> {
    if value.is_empty() {
        return Ok(false);
    }
    Config::parse_bool(value)
        .map_err(|_| GitError::other(READING, format!("{name} is \"{value}\", neither true nor false")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(variables: &[(&str, &str)]) -> Settings {
        let known = |name: &str| variables.iter().find(|(known, _)| *known == name);
        Settings::read(|name| known(name).map(|(_, value)| (*value).to_owned()))
    }

    #[test]
    fn values_in_variables_come_before_files() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("config");
        std::fs::write(&file, "[user]\n\tname = File\n\temail = file@example.com\n").unwrap();
        let named = [
            ("GIT_CONFIG_GLOBAL", file.to_str().unwrap()),
            ("GIT_CONFIG_NOSYSTEM", "1"),
            ("GIT_CONFIG_COUNT", "2"),
            ("GIT_CONFIG_KEY_0", "user.name"),
            ("GIT_CONFIG_VALUE_0", "Given"),
            ("GIT_CONFIG_KEY_1", "credential.https://h.example.com.helper"),
            ("GIT_CONFIG_VALUE_1", "store"),
        ];
        let config = settings(&named).open().unwrap();
        let value = |name: &str| config.get_string(name).unwrap();
        assert_eq!(value("user.name"), "Given");
        assert_eq!(value("user.email"), "file@example.com");
        assert_eq!(value("credential.https://h.example.com.helper"), "store");
    }

    #[test]
    fn what_git_refuses_is_named() {
        for (variables, words) in [
            (&[("GIT_CONFIG_NOSYSTEM", "perhaps")][..], "GIT_CONFIG_NOSYSTEM"),
            (&[("GIT_CONFIG_COUNT", "two")], "GIT_CONFIG_COUNT"),
            (&[("GIT_CONFIG_COUNT", "1")], "GIT_CONFIG_KEY_0"),
            (&[("GIT_CONFIG_COUNT", "1"), ("GIT_CONFIG_KEY_0", "a.b")], "GIT_CONFIG_VALUE_0"),
        ] {
            let error = settings(variables).open().err().unwrap().to_string();
            assert!(error.contains(words), "{error}");
        }
    }
}
