//! One of Flux's controllers as a host process, with the flags of its Deployment where they make sense on a host.

use super::control_plane::Access;
use super::control_plane::write_private;
use crate::build;
use crate::net;
use crate::process;
use std::path::Path;
use std::time::Duration;
use std::time::Instant;
use tokio::process::Child;

/// What a Deployment asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wanted {
    pub namespace: String,
    pub name: String,
    pub service_account: String,
    pub arguments: Vec<String>,
}

/// Where events are received, and where they are sent to.
#[derive(Debug, Clone, Copy)]
pub struct EventPorts {
    /// The relay that never blocks.
    pub relay: u16,
    /// notification-controller itself.
    pub target: u16,
    /// Its webhooks.
    pub receiver: u16,
}

/// A controller that runs, or ran and will be started again.
pub struct Controller {
    pub wanted: Wanted,
    child: Option<Child>,
    health: u16,
    restart_at: Instant,
    pub restarts: u32,
}

impl Controller {
    pub fn new(wanted: Wanted) -> Self {
        Self { wanted, child: None, health: 0, restart_at: Instant::now(), restarts: 0 }
    }

    /// Starts it when it is not running; an exit is answered by a restart a second later.
    pub fn keep_running(&mut self, folder: &Path, access: &Access, events: EventPorts) -> anyhow::Result<()> {
        if let Some(child) = &mut self.child {
            if child.try_wait()?.is_none() {
                return Ok(());
            }
            self.child = None;
            self.restarts += 1;
            self.restart_at = Instant::now() + Duration::from_secs(1);
        }
        if Instant::now() < self.restart_at {
            return Ok(());
        }
        let Wanted { namespace, name, service_account, .. } = &self.wanted;
        let home = folder.join(name);
        std::fs::create_dir_all(home.join("tmp"))?;
        // The certificate names the service account, so exactly the rights that the manifests grant count.
        let user = format!("system:serviceaccount:{namespace}:{service_account}");
        let kubeconfig = home.join("kubeconfig");
        write_private(&kubeconfig, &access.kubeconfig(&user, "system:serviceaccounts")?)?;
        self.health = net::free_port()?;
        let text = |path: &Path| path.display().to_string();
        let (home_text, kubeconfig, tmp) = (text(&home), text(&kubeconfig), text(&home.join("tmp")));
        let env = [
            ("HOME", home_text.as_str()),
            ("KUBECONFIG", &kubeconfig),
            ("RUNTIME_NAMESPACE", namespace),
            ("TUF_ROOT", &tmp),
            ("TMPDIR", &tmp),
        ];
        let arguments = self.arguments(&home, events)?;
        let log = folder.join(format!("{name}.log"));
        self.child = Some(process::spawn(&build::binary(name)?, &arguments, &env, &log)?);
        Ok(())
    }

    /// Whether it runs and says that it is ready.
    pub async fn is_ready(&self) -> bool {
        self.child.is_some() && net::answers(self.health, "/readyz").await
    }

    pub async fn stop(&mut self) {
        if let Some(mut child) = self.child.take() {
            let _ = child.kill().await;
        }
    }

    fn arguments(&self, home: &Path, events: EventPorts) -> anyhow::Result<Vec<String>> {
        let mut arguments = vec![
            format!("--metrics-addr=127.0.0.1:{}", net::free_port()?),
            format!("--health-addr=127.0.0.1:{}", self.health),
        ];
        for argument in &self.wanted.arguments {
            let flag = argument.split('=').next().unwrap_or(argument);
            match flag {
                // Outside a cluster there is no namespace to elect a leader in, and only one process.
                "--enable-leader-election" => {}
                "--events-addr" if argument == "--events-addr=" => arguments.push(argument.clone()),
                "--events-addr" => {
                    arguments.push(format!("--events-addr=http://127.0.0.1:{}/", events.relay))
                }
                "--storage-path" => arguments.push(format!("--storage-path={}", home.join("data").display())),
                "--storage-adv-addr" => {
                    let port = net::free_port()?;
                    arguments.push(format!("--storage-addr=127.0.0.1:{port}"));
                    arguments.push(format!("--storage-adv-addr=127.0.0.1:{port}"));
                }
                _ => arguments.push(argument.clone()),
            }
        }
        std::fs::create_dir_all(home.join("data"))?;
        match self.wanted.name.as_str() {
            "notification-controller" => {
                arguments.push(format!("--events-addr=127.0.0.1:{}", events.target));
                arguments.push(format!("--receiverAddr=127.0.0.1:{}", events.receiver));
            }
            "image-reflector-controller" => {
                arguments.push(format!("--storage-path={}", home.join("data").display()))
            }
            _ => {}
        }
        Ok(arguments)
    }
}
