//! What the tutorial needs: a cluster, a forge, a folder to work in, and a shell.

use super::Line;
use super::Play;
use super::home::Home;
use super::look::Eyes;
use super::neighbours::Neighbours;
use crate::Forge;
use crate::whole::AnyCluster;
use anyhow::Context;
use std::io::BufRead;
use std::io::BufReader;
use std::path::Path;
use std::path::PathBuf;
use std::process::Child;
use std::process::Command;
use std::process::Stdio;
use std::time::Duration;
use std::time::Instant;

const TOKEN: &str = "ghp_tutorial0123456789";
pub(super) const OWNER: &str = "ada";
/// Nothing in the tutorial may take longer.
pub(super) const PATIENCE: Duration = Duration::from_secs(120);

pub(super) struct Stage<'a> {
    pub(super) cluster: AnyCluster,
    pub(super) forge: Forge,
    pub(super) eyes: Eyes,
    pub(super) work: PathBuf,
    pub(super) neighbours: Option<Neighbours>,
    pub(super) home: Home,
    path: String,
    colour: bool,
    pub(super) say: &'a mut dyn FnMut(Line),
}

const DEPLOYMENT: &str = "\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: podinfo
spec:
  replicas: 1
  selector:
    matchLabels: {app: podinfo}
  template:
    metadata:
      labels: {app: podinfo}
    spec:
      containers:
      - name: podinfo
        image: registry.example/podinfo:VERSION
";
/// It listens on port 9898.
pub(super) const SERVICE: &str = "\
apiVersion: v1
kind: Service
metadata:
  name: podinfo
spec:
  selector: {app: podinfo}
  ports:
  - {name: http, port: 9898, targetPort: 9898}
";

impl<'a> Stage<'a> {
    /// Neighbours are there for the further chapters only.
    pub(super) fn set(
        fluxr: &Path,
        folder: &Path,
        play: Play,
        say: &'a mut dyn FnMut(Line),
    ) -> anyhow::Result<Self> {
        std::fs::create_dir_all(folder).with_context(|| format!("creating {}", folder.display()))?;
        let folder = folder.canonicalize()?;
        let cluster = AnyCluster::start(play.parts, &folder.join("cluster"))?;
        let eyes = Eyes::open(&cluster.kubeconfig())?;
        let forge = Forge::start(&folder.join("forge"))?;
        forge.add_user(OWNER, TOKEN, "repo");
        forge.create_public_repository("ada/podinfo")?;
        forge.create_public_repository("ada/shop")?;
        let work = folder.join("work");
        if work.exists() {
            std::fs::remove_dir_all(&work)?;
        }
        std::fs::create_dir_all(&work)?;
        let bin = folder.join("bin");
        std::fs::create_dir_all(&bin)?;
        let link = bin.join("fluxr");
        let _ = std::fs::remove_file(&link);
        std::os::unix::fs::symlink(fluxr.canonicalize().context("looking for fluxr")?, &link)?;
        let path = format!("{}:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", bin.display());
        let home = Home::at(play.at, &forge, OWNER, TOKEN)?;
        let neighbours = play.all.then(|| Neighbours::move_in(&folder.join("neighbours"))).transpose()?;
        let stage = Self { cluster, forge, eyes, work, neighbours, home, path, colour: play.colour, say };
        stage.write_git_configuration()?;
        stage.publish("6.0.0")?;
        let shop = [("database/service.yaml", Some(SERVICE)), ("web/service.yaml", Some(SERVICE))];
        stage.forge.commit("ada/shop", "master", &shop, "Open the shop")?;
        Ok(stage)
    }

    /// git trusts the forge and logs in, as a credential helper would have it.
    fn write_git_configuration(&self) -> anyhow::Result<()> {
        use base64::Engine;
        use std::os::unix::fs::PermissionsExt;
        let login = base64::engine::general_purpose::STANDARD.encode(format!("{OWNER}:{}", self.home.token));
        let text = format!(
            "[user]\n\tname = Ada\n\temail = ada@example.com\n[init]\n\tdefaultBranch = main\n[advice]\n\tdetachedHead = false\n\
             [http \"https://{}/\"]\n\tsslCAInfo = {}\n\textraHeader = Authorization: Basic {login}\n",
            self.home.host,
            self.home.authority.display(),
        );
        let file = self.work.join("gitconfig");
        std::fs::write(&file, text)?;
        std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o600))?;
        Ok(())
    }

    /// The developers of the application publish a version.
    pub(super) fn publish(&self, version: &str) -> anyhow::Result<()> {
        let deployment = DEPLOYMENT.replace("VERSION", version);
        let files = [
            ("kustomize/deployment.yaml", Some(deployment.as_str())),
            ("kustomize/service.yaml", Some(SERVICE)),
        ];
        self.forge.commit("ada/podinfo", "master", &files, &format!("Release {version}"))?;
        Ok(())
    }

    pub(super) fn chapter(
        &mut self,
        title: &str,
        play: fn(&mut Stage<'_>) -> anyhow::Result<()>,
    ) -> anyhow::Result<()> {
        (self.say)(Line::Chapter(title.to_owned()));
        let begun = Instant::now();
        play(self).with_context(|| format!("in the chapter \"{title}\""))?;
        (self.say)(Line::Took(title.to_owned(), begun.elapsed()));
        Ok(())
    }

    pub(super) fn shell(&self, command: &str, folder: &Path) -> Command {
        let mut shell = Command::new("sh");
        shell
            .args(["-c", &format!("exec 2>&1; {command}")])
            .current_dir(folder)
            .env_clear()
            .env("PATH", &self.path)
            .env("HOME", &self.work)
            .env("KUBECONFIG", self.cluster.kubeconfig())
            .envs(self.home.variables())
            .env("GIT_CONFIG_GLOBAL", self.work.join("gitconfig"))
            .env("GIT_CONFIG_SYSTEM", "/dev/null")
            .env("GIT_TERMINAL_PROMPT", "0")
            .envs(self.addresses())
            .envs(self.colour.then_some(("CLICOLOR_FORCE", "1")))
            .stdin(Stdio::null())
            .stdout(Stdio::piped());
        shell
    }

    /// Shows and runs a command; its output, line by line as it comes, is also given back.
    pub(super) fn run_in(&mut self, folder: &Path, command: &str) -> anyhow::Result<String> {
        self.ends_with(0, folder, command)
    }

    /// As [`Stage::run_in`], where the command has to end with this exit code.
    pub(super) fn ends_with(&mut self, code: i32, folder: &Path, command: &str) -> anyhow::Result<String> {
        (self.say)(Line::Command(command.to_owned()));
        let mut child = self.shell(command, folder).spawn().with_context(|| format!("running {command}"))?;
        let output = self.read_lines(&mut child, &|_| false)?;
        let status = child.wait()?;
        anyhow::ensure!(status.code() == Some(code), "`{command}` ended with {status}:\n{output}");
        Ok(output)
    }

    /// Shows a command that is interrupted, as Ctrl-C does, after the first line that is `enough`.
    pub(super) fn interrupt(
        &mut self,
        command: &str,
        enough: &dyn Fn(&str) -> bool,
    ) -> anyhow::Result<String> {
        (self.say)(Line::Command(command.to_owned()));
        let mut child = self.shell(&format!("exec {command}"), &self.work).spawn()?;
        let seen = self.read_lines(&mut child, enough)?;
        let status = child.wait()?;
        anyhow::ensure!(
            status.code() == Some(130),
            "an interrupted `{command}` ended with {status}:\n{seen}"
        );
        Ok(seen)
    }

    /// Tells what happens without a command.
    pub(super) fn note(&mut self, text: &str) {
        (self.say)(Line::Note(text.to_owned()));
    }

    /// Shows how the objects are; the testbed looks itself, so that no other program is needed for it.
    pub(super) fn look(&mut self, objects: &[&str]) -> anyhow::Result<()> {
        self.note("the testbed looks into the cluster:");
        for object in objects {
            let seen = self.eyes.look(object)?;
            (self.say)(Line::Output(seen));
        }
        Ok(())
    }

    pub(super) fn expect_image(&self, version: &str) -> anyhow::Result<()> {
        let image = self.eyes.image("podinfo")?;
        anyhow::ensure!(
            image == format!("registry.example/podinfo:{version}"),
            "podinfo runs \"{image}\", not {version}"
        );
        Ok(())
    }

    pub(super) fn fluxr(&mut self, command: &str) -> anyhow::Result<String> {
        self.run_in(&self.work.clone(), command)
    }

    pub(super) fn fleet(&mut self, command: &str) -> anyhow::Result<String> {
        self.run_in(&self.work.join("fleet-infra"), command)
    }

    /// Reads to the end; after the first line that is `enough` the command is interrupted, as Ctrl-C does.
    pub(super) fn read_lines(
        &mut self,
        child: &mut Child,
        enough: &dyn Fn(&str) -> bool,
    ) -> anyhow::Result<String> {
        let output = child.stdout.take().context("the output of a command")?;
        let mut all = String::new();
        let mut interrupted = false;
        for line in BufReader::new(output).lines() {
            let line = line?;
            if interrupted {
                continue;
            }
            (self.say)(Line::Output(line.clone()));
            let plain = console::strip_ansi_codes(&line);
            all.push_str(&plain);
            all.push('\n');
            if enough(&plain) {
                Command::new("kill").args(["-INT", &child.id().to_string()]).status()?;
                (self.say)(Line::Output("^C".to_owned()));
                interrupted = true;
            }
        }
        Ok(all)
    }
}
