//! The host process behind one pod of Flux: started, watched over, started again.

use super::control_plane::Access;
use super::control_plane::write_private;
use super::parts::Part;
use super::pod_logs::PodLogs;
use super::wanted::Addresses;
use super::wanted::Wanted;
use crate::build;
use crate::net;
use crate::ports;
use crate::process;
use rustix::process::Pid;
use rustix::process::Signal;
use std::path::Path;
use std::path::PathBuf;
use std::process::ExitStatus;
use std::time::Duration;
use std::time::Instant;
use tokio::process::Child;

/// The longest wait before a process that keeps ending is started again.
const LONGEST_WAIT: Duration = Duration::from_secs(10);

/// How a process is, as far as its pod's status tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Condition {
    /// Nothing by that name is built.
    Unknown,
    Starting,
    Ready,
    /// It ended with this code and will be started again.
    Ended(i32),
}

pub(super) struct Controller {
    pub(super) wanted: Wanted,
    pub(super) condition: Condition,
    pub(super) restarts: u32,
    child: Option<Child>,
    addresses: Addresses,
    started: Instant,
    start_at: Instant,
    /// It had been ready before it was restarted to take the lead, and still counts as ready.
    takes_over: bool,
    home: PathBuf,
    log: PathBuf,
    logs: PodLogs,
}

impl Controller {
    pub(super) fn new(wanted: Wanted, folder: &Path, logs: PodLogs) -> anyhow::Result<Self> {
        let port = ports::free_port;
        Ok(Self {
            condition: Condition::Starting,
            restarts: 0,
            child: None,
            addresses: Addresses {
                health: port()?,
                metrics: port()?,
                storage: port()?,
                events: port()?,
                receiver: port()?,
            },
            started: Instant::now(),
            start_at: Instant::now(),
            takes_over: false,
            // A pod's volumes are empty when it comes and gone when it goes.
            home: folder.join("pods").join(&wanted.uid),
            log: folder.join(format!("{}.log", wanted.controller)),
            logs,
            wanted,
        })
    }

    /// Looks after the process: starts it when it is time to, and finds out how it is.
    pub(super) async fn look_after(&mut self, access: &Access, relay: u16) -> anyhow::Result<()> {
        let Ok(binary) = build::binary(&self.wanted.controller) else {
            self.condition = Condition::Unknown;
            return Ok(());
        };
        if let Some(child) = &mut self.child {
            match child.try_wait()? {
                Some(status) => self.ended(status),
                None if net::answers(self.addresses.health, "/readyz").await => {
                    self.condition = Condition::Ready;
                    self.takes_over = false;
                }
                None if self.takes_over => {}
                None => self.condition = Condition::Starting,
            }
        }
        if self.child.is_none() && Instant::now() >= self.start_at {
            self.start(&binary, access, relay)?;
        }
        Ok(())
    }

    fn ended(&mut self, status: ExitStatus) {
        self.child = None;
        self.takes_over = false;
        self.condition = Condition::Ended(status.code().unwrap_or(137));
        // One that ran for a while starts at once; one that keeps ending waits longer each time.
        if self.started.elapsed() > 3 * LONGEST_WAIT {
            self.restarts = 0;
        }
        let wait = Duration::from_millis(500 << self.restarts.min(5)).min(LONGEST_WAIT);
        self.restarts += 1;
        self.start_at = Instant::now() + wait;
    }

    fn start(&mut self, binary: &Path, access: &Access, relay: u16) -> anyhow::Result<()> {
        let tmp = self.home.join("tmp");
        std::fs::create_dir_all(&tmp)?;
        std::fs::create_dir_all(self.home.join("data"))?;
        let kubeconfig = self.home.join("kubeconfig");
        // The certificate names the service account, so exactly the rights that the manifests grant count.
        let Wanted { namespace, service_account, .. } = &self.wanted;
        let user = format!("system:serviceaccount:{namespace}:{service_account}");
        let groups = ["system:serviceaccounts", &format!("system:serviceaccounts:{namespace}")];
        write_private(&kubeconfig, &access.kubeconfig(&user, &groups)?)?;
        let (home, tmp, kubeconfig) =
            (self.home.display().to_string(), tmp.display().to_string(), kubeconfig.display().to_string());
        let mut environment: Vec<(&str, &str)> =
            self.wanted.environment.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        environment.extend([
            ("HOME", &*home),
            ("KUBECONFIG", &kubeconfig),
            ("TUF_ROOT", &tmp),
            ("TMPDIR", &tmp),
        ]);
        let arguments = self.wanted.host_arguments(&self.home, self.addresses, relay);
        self.started = Instant::now();
        let mut child = process::spawn_piped(binary, &arguments, &environment)?;
        self.logs.record((namespace, &self.wanted.pod, &self.wanted.uid), &mut child, &self.log)?;
        self.child = Some(child);
        Ok(())
    }

    /// The port at which it takes events, when it does and is ready.
    pub(super) fn takes_events(&self) -> Option<u16> {
        let ready = self.condition == Condition::Ready;
        (ready && self.wanted.controller == "notification-controller").then_some(self.addresses.events)
    }

    pub(super) fn part(&self) -> Part {
        let listens = self.wanted.listens(self.addresses).into_iter();
        Part {
            name: self.wanted.controller.clone(),
            namespace: self.wanted.namespace.clone(),
            pid: self.child.as_ref().and_then(Child::id),
            ready: self.condition == Condition::Ready,
            restarts: self.restarts,
            log: self.log.clone(),
            addresses: listens
                .map(|(purpose, port)| (purpose.to_owned(), format!("127.0.0.1:{port}")))
                .collect(),
        }
    }

    /// Whether both are replicas of one controller that has one leader.
    pub(super) fn shares_the_lead_with(&self, other: &Wanted) -> bool {
        self.wanted.elects_a_leader()
            && self.wanted.namespace == other.namespace
            && self.wanted.controller == other.controller
    }

    /// Restarts the process: a new leader begins by looking at every object.
    pub(super) async fn take_over(&mut self) {
        if let Some(mut child) = self.child.take() {
            drop(child.kill().await);
            self.takes_over = self.condition == Condition::Ready;
            self.start_at = Instant::now();
        }
    }

    /// Asks the process to end, ends it when it takes too long, and removes what a pod's volumes would have held.
    pub(super) async fn terminate(&mut self) {
        if let Some(pid) = self.child.as_ref().and_then(Child::id).and_then(|pid| i32::try_from(pid).ok()) {
            let asked = Pid::from_raw(pid).map(|pid| rustix::process::kill_process(pid, Signal::TERM));
            if let (Some(Ok(())), Some(child)) = (asked, &mut self.child) {
                drop(tokio::time::timeout(self.wanted.grace, child.wait()).await);
            }
        }
        self.stop().await;
    }

    /// Ends the process at once, and removes what a pod's volumes would have held.
    pub(super) async fn stop(&mut self) {
        if let Some(mut child) = self.child.take() {
            // One that ended by itself cannot be ended again.
            drop(child.kill().await);
        }
        drop(std::fs::remove_dir_all(&self.home));
    }
}
