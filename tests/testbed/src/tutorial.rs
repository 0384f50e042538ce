//! The tutorial: from an empty cluster and a forge account to an application that Git delivers, and what GitOps promises beyond that.
//!
//! Every command is run as it is shown. `demo` shows them on the screen; a test of the real tier runs the same steps in silence.

use crate::Cluster;
use crate::Forge;
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

/// What the audience is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Line {
    /// A heading.
    Chapter(String),
    /// A command, before its output.
    Command(String),
    /// A line of real output.
    Output(String),
    /// How long the chapter took.
    Took(String, Duration),
}

const TOKEN: &str = "ghp_tutorial0123456789";
const OWNER: &str = "ada";
/// Nothing in the tutorial may take longer.
const PATIENCE: Duration = Duration::from_secs(120);

/// Runs the whole tutorial below `folder` with this `fluxr`; `say` hears everything. Every claim is checked on the way.
///
/// # Errors
/// The first step that did not do what it promises.
pub fn run(fluxr: &Path, folder: &Path, say: &mut dyn FnMut(Line)) -> anyhow::Result<()> {
    let mut stage = Stage::set(fluxr, folder, say)?;
    stage.chapter("an empty cluster", Stage::look_at_the_empty_cluster)?;
    stage.chapter("bootstrap", Stage::bootstrap)?;
    stage.chapter("deliver an application", Stage::deliver)?;
    stage.chapter("change it in Git", Stage::change)?;
    stage.chapter("self-healing", Stage::heal)?;
    stage.chapter("roll back by reverting", Stage::roll_back)?;
    stage.chapter("suspend and resume", Stage::suspend_and_resume)?;
    stage.chapter("prune", Stage::prune)?;
    stage.chapter("bootstrap again", Stage::bootstrap_again)?;
    stage.chapter("what runs, and how it came there", Stage::look_back)?;
    stage.chapter("uninstall", Stage::uninstall)
}

struct Stage<'a> {
    cluster: Cluster,
    forge: Forge,
    work: PathBuf,
    path: String,
    say: &'a mut dyn FnMut(Line),
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
const SERVICE: &str = "\
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
    fn set(fluxr: &Path, folder: &Path, say: &'a mut dyn FnMut(Line)) -> anyhow::Result<Self> {
        std::fs::create_dir_all(folder).with_context(|| format!("creating {}", folder.display()))?;
        let folder = folder.canonicalize()?;
        let cluster = Cluster::start(&folder.join("cluster"))?;
        let forge = Forge::start(&folder.join("forge"))?;
        forge.add_user(OWNER, TOKEN, "repo");
        forge.create_public_repository("ada/podinfo")?;
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
        let stage = Self { cluster, forge, work, path, say };
        stage.write_git_configuration()?;
        stage.publish("6.0.0")?;
        Ok(stage)
    }

    /// git trusts the forge and logs in, as a credential helper would have it.
    fn write_git_configuration(&self) -> anyhow::Result<()> {
        use base64::Engine;
        use std::os::unix::fs::PermissionsExt;
        let login = base64::engine::general_purpose::STANDARD.encode(format!("{OWNER}:{TOKEN}"));
        let text = format!(
            "[user]\n\tname = Ada\n\temail = ada@example.com\n[init]\n\tdefaultBranch = main\n[advice]\n\tdetachedHead = false\n\
             [http \"https://{}/\"]\n\tsslCAInfo = {}\n\textraHeader = Authorization: Basic {login}\n",
            self.forge.host(),
            self.forge.ca_file().display(),
        );
        let file = self.work.join("gitconfig");
        std::fs::write(&file, text)?;
        std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o600))?;
        Ok(())
    }

    /// The developers of the application publish a version.
    fn publish(&self, version: &str) -> anyhow::Result<()> {
        let deployment = DEPLOYMENT.replace("VERSION", version);
        let files = [
            ("kustomize/deployment.yaml", Some(deployment.as_str())),
            ("kustomize/service.yaml", Some(SERVICE)),
        ];
        self.forge.commit("ada/podinfo", "master", &files, &format!("Release {version}"))?;
        Ok(())
    }

    fn chapter(&mut self, title: &str, play: fn(&mut Self) -> anyhow::Result<()>) -> anyhow::Result<()> {
        (self.say)(Line::Chapter(title.to_owned()));
        let begun = Instant::now();
        play(self).with_context(|| format!("in the chapter \"{title}\""))?;
        (self.say)(Line::Took(title.to_owned(), begun.elapsed()));
        Ok(())
    }

    fn shell(&self, command: &str, folder: &Path) -> Command {
        let mut shell = Command::new("sh");
        shell
            .args(["-c", &format!("exec 2>&1; {command}")])
            .current_dir(folder)
            .env_clear()
            .env("PATH", &self.path)
            .env("HOME", &self.work)
            .env("KUBECONFIG", self.cluster.kubeconfig())
            .env("GITHUB_TOKEN", TOKEN)
            .env("GITHUB_USER", OWNER)
            .env("FORGE", self.forge.host())
            .env("FORGE_SSH", self.forge.ssh_host())
            .env("FORGE_CA", self.forge.ca_file())
            .env("GIT_CONFIG_GLOBAL", self.work.join("gitconfig"))
            .env("GIT_CONFIG_SYSTEM", "/dev/null")
            .env("GIT_TERMINAL_PROMPT", "0")
            .stdin(Stdio::null())
            .stdout(Stdio::piped());
        shell
    }

    /// Shows and runs a command; its output, line by line as it comes, is also given back.
    fn run_in(&mut self, folder: &Path, command: &str) -> anyhow::Result<String> {
        (self.say)(Line::Command(command.to_owned()));
        let mut child = self.shell(command, folder).spawn().with_context(|| format!("running {command}"))?;
        let output = self.read_lines(&mut child, &|_| false)?;
        let status = child.wait()?;
        anyhow::ensure!(status.success(), "`{command}` ended with {status}:\n{output}");
        Ok(output)
    }

    fn fluxr(&mut self, command: &str) -> anyhow::Result<String> {
        self.run_in(&self.work.clone(), command)
    }

    fn fleet(&mut self, command: &str) -> anyhow::Result<String> {
        self.run_in(&self.work.join("fleet-infra"), command)
    }

    /// Reads to the end; after the first line that is `enough` the command is interrupted, as Ctrl-C does.
    fn read_lines(&mut self, child: &mut Child, enough: &dyn Fn(&str) -> bool) -> anyhow::Result<String> {
        let output = child.stdout.take().context("the output of a command")?;
        let mut all = String::new();
        let mut interrupted = false;
        for line in BufReader::new(output).lines() {
            let line = line?;
            if interrupted {
                continue;
            }
            (self.say)(Line::Output(line.clone()));
            all.push_str(&line);
            all.push('\n');
            if enough(&line) {
                Command::new("kill").args(["-INT", &child.id().to_string()]).status()?;
                (self.say)(Line::Output("^C".to_owned()));
                interrupted = true;
            }
        }
        Ok(all)
    }

    /// Asks the cluster silently.
    fn kubectl(&self, arguments: &str) -> anyhow::Result<String> {
        let output = self.shell(&format!("kubectl {arguments}"), &self.work).output()?;
        Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
    }

    fn image(&self) -> anyhow::Result<String> {
        self.kubectl(
            "-n default get deployment podinfo -o 'jsonpath={.spec.template.spec.containers[0].image}'",
        )
    }

    fn expect_image(&self, version: &str) -> anyhow::Result<()> {
        let image = self.image()?;
        anyhow::ensure!(
            image == format!("registry.example/podinfo:{version}"),
            "podinfo runs \"{image}\", not {version}"
        );
        Ok(())
    }

    fn expect_gone(&self, what: &str) -> anyhow::Result<()> {
        let begun = Instant::now();
        while !self.kubectl(&format!("-n default get {what} --ignore-not-found -o name"))?.is_empty() {
            anyhow::ensure!(begun.elapsed() < PATIENCE, "{what} is still there");
            std::thread::sleep(Duration::from_millis(200));
        }
        Ok(())
    }

    fn look_at_the_empty_cluster(&mut self) -> anyhow::Result<()> {
        let said = self.fluxr("fluxr check --pre")?;
        anyhow::ensure!(said.contains("✔ prerequisites checks passed"), "{said}");
        let none = self.kubectl("get namespace flux-system --ignore-not-found -o name")?;
        anyhow::ensure!(none.is_empty(), "the cluster is not empty: {none}");
        Ok(())
    }

    fn bootstrap_command(&self) -> &'static str {
        "fluxr bootstrap github --hostname=$FORGE --ssh-hostname=$FORGE_SSH --ca-file=$FORGE_CA --owner=$GITHUB_USER \
         --repository=fleet-infra --branch=main --path=./clusters/my-cluster --personal"
    }

    fn bootstrap(&mut self) -> anyhow::Result<()> {
        let said = self.fluxr(self.bootstrap_command())?;
        anyhow::ensure!(said.contains("✔ all components are healthy"), "{said}");
        let commits = self.forge.commits("ada/fleet-infra", "main")?;
        anyhow::ensure!(
            commits == ["Add Flux sync manifests", "Add Flux v2.9.4 component manifests"],
            "{commits:?}"
        );
        let keys = self.forge.deploy_keys("ada/fleet-infra");
        anyhow::ensure!(keys.len() == 1 && keys[0].2, "one read-only deploy key, not {keys:?}");
        Ok(())
    }

    fn deliver(&mut self) -> anyhow::Result<()> {
        self.fluxr("git clone --quiet https://$FORGE/ada/fleet-infra")?;
        let url = self.forge.public_url("ada/podinfo");
        self.fleet(&format!(
            "fluxr create source git podinfo --url={url} --branch=master --interval=30s --export > ./clusters/my-cluster/podinfo-source.yaml"
        ))?;
        self.fleet("git add -A && git commit --quiet -m 'Add podinfo GitRepository' && git push --quiet")?;
        self.fleet(
            "fluxr create kustomization podinfo --target-namespace=default --source=podinfo --path='./kustomize' --prune=true \
             --interval=5m --export > ./clusters/my-cluster/podinfo-kustomization.yaml",
        )?;
        self.fleet("git add -A && git commit --quiet -m 'Add podinfo Kustomization' && git push --quiet")?;
        let said = self.fleet("fluxr reconcile kustomization flux-system --with-source")?;
        let head = self.forge.git("ada/fleet-infra", &["rev-parse", "main"])?;
        anyhow::ensure!(
            said.contains(&format!("✔ applied revision main@sha1:{head}")),
            "an old revision was applied:\n{said}"
        );
        self.watch_until_applied()?;
        let said = self.fluxr("kubectl -n default get deployments,services")?;
        anyhow::ensure!(
            said.contains("deployment.apps/podinfo") && said.contains("service/podinfo"),
            "{said}"
        );
        self.expect_image("6.0.0")
    }

    /// `get --watch`, interrupted as a person would once podinfo is applied.
    fn watch_until_applied(&mut self) -> anyhow::Result<()> {
        let command = "fluxr get kustomizations --watch";
        (self.say)(Line::Command(command.to_owned()));
        let work = self.work.clone();
        let mut child = self.shell(&format!("exec {command}"), &work).spawn()?;
        let seen = self.read_lines(&mut child, &|line| {
            line.starts_with("podinfo") && line.contains("Applied revision")
        })?;
        anyhow::ensure!(seen.contains("Applied revision"), "podinfo was never applied:\n{seen}");
        let status = child.wait()?;
        anyhow::ensure!(status.code() == Some(130), "an interrupted watch ended with {status}");
        Ok(())
    }

    fn change(&mut self) -> anyhow::Result<()> {
        self.publish("6.1.0")?;
        let said = self.fluxr("fluxr reconcile kustomization podinfo --with-source")?;
        anyhow::ensure!(said.contains("✔ fetched revision master@sha1:"), "{said}");
        self.fluxr("kubectl -n default get deployment podinfo -o wide")?;
        self.expect_image("6.1.0")
    }

    fn heal(&mut self) -> anyhow::Result<()> {
        self.fluxr("kubectl -n default delete deployment podinfo")?;
        self.fluxr("fluxr reconcile kustomization podinfo")?;
        self.fluxr("kubectl -n default get deployment podinfo")?;
        self.expect_image("6.1.0")
    }

    fn roll_back(&mut self) -> anyhow::Result<()> {
        // The application's repository is reverted as its developers would.
        self.fluxr("git clone --quiet --branch master https://$FORGE/ada/podinfo")?;
        let folder = self.work.join("podinfo");
        self.run_in(
            &folder,
            "git revert --no-edit HEAD > /dev/null && git push --quiet && git log --oneline",
        )?;
        self.fluxr("fluxr reconcile kustomization podinfo --with-source")?;
        self.expect_image("6.0.0")
    }

    fn suspend_and_resume(&mut self) -> anyhow::Result<()> {
        self.fluxr("fluxr suspend kustomization podinfo")?;
        self.publish("6.2.0")?;
        self.fluxr("fluxr reconcile source git podinfo")?;
        let said = self.fluxr("fluxr get kustomizations podinfo")?;
        anyhow::ensure!(said.contains("True     "), "it does not show as suspended:\n{said}");
        self.expect_image("6.0.0")?;
        self.fluxr("fluxr resume kustomization podinfo")?;
        let begun = Instant::now();
        while self.expect_image("6.2.0").is_err() {
            anyhow::ensure!(begun.elapsed() < PATIENCE, "6.2.0 did not arrive after resume");
            std::thread::sleep(Duration::from_millis(200));
        }
        Ok(())
    }

    fn prune(&mut self) -> anyhow::Result<()> {
        self.fleet("git rm --quiet ./clusters/my-cluster/podinfo-kustomization.yaml && git commit --quiet -m 'Remove podinfo' && git push --quiet")?;
        self.fleet("fluxr reconcile kustomization flux-system --with-source")?;
        self.expect_gone("deployment/podinfo")?;
        self.fleet("git revert --no-edit HEAD > /dev/null && git push --quiet")?;
        self.fleet("fluxr reconcile kustomization flux-system --with-source")?;
        let begun = Instant::now();
        while self.expect_image("6.2.0").is_err() {
            anyhow::ensure!(begun.elapsed() < PATIENCE, "podinfo did not come back");
            std::thread::sleep(Duration::from_millis(200));
        }
        Ok(())
    }

    fn bootstrap_again(&mut self) -> anyhow::Result<()> {
        let before = self.forge.commits("ada/fleet-infra", "main")?;
        let said = self.fluxr(self.bootstrap_command())?;
        anyhow::ensure!(said.contains("✔ component manifests are up to date"), "{said}");
        anyhow::ensure!(said.contains("✔ sync manifests are up to date"), "{said}");
        let after = self.forge.commits("ada/fleet-infra", "main")?;
        anyhow::ensure!(before == after, "the second run made commits: {after:?}");
        Ok(())
    }

    fn look_back(&mut self) -> anyhow::Result<()> {
        self.fluxr("fluxr get all")?;
        self.fleet("git pull --quiet && git log --oneline")?;
        Ok(())
    }

    fn uninstall(&mut self) -> anyhow::Result<()> {
        let said = self.fluxr("fluxr uninstall --silent")?;
        anyhow::ensure!(said.contains("✔ uninstall finished"), "{said}");
        self.fluxr("kubectl -n default get deployments")?;
        self.expect_image("6.2.0")
    }
}
