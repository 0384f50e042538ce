//! The kubelet's part for Flux's controllers: each of their pods has a process behind it while it lives, and is Ready only while that process says so.

use super::control_plane::Access;
use super::controller::Condition;
use super::controller::Controller;
use super::parts;
use super::parts::Part;
use super::pod_logs::PodLogs;
use super::pod_status::pod_status;
use super::wanted::Wanted;
use crate::net;
use anyhow::Context;
use futures::StreamExt;
use k8s_openapi::api::core::v1::Pod;
use k8s_openapi::jiff::Timestamp;
use kube::Api;
use kube::api::Patch;
use kube::api::PatchParams;
use kube::runtime::WatchStreamExt;
use kube::runtime::watcher;
use kube::runtime::watcher::Event;
use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::path::Path;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::AtomicU16;
use std::sync::atomic::Ordering;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::task::JoinSet;

/// How often processes are looked at. Only changes go to the API server.
const INTERVAL: Duration = Duration::from_millis(100);

pub struct Kubelet {
    client: kube::Client,
    folder: PathBuf,
    access: Access,
    logs: PodLogs,
    relay: u16,
    /// Where the relay passes events on to; 0 while nothing receives them.
    events: Arc<AtomicU16>,
    /// By the pod's uid.
    pods: BTreeMap<String, Tended>,
    told: Vec<Part>,
    /// Processes on their way out, each with its place in the cluster when it is done.
    leaving: JoinSet<Wanted>,
}

/// A pod with its process, and what was last said about it.
struct Tended {
    controller: Controller,
    container: String,
    said: Option<(Condition, u32)>,
}

impl Kubelet {
    pub async fn new(
        client: kube::Client,
        folder: &Path,
        access: Access,
        logs: PodLogs,
    ) -> anyhow::Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let relay = listener.local_addr()?.port();
        let events = Arc::new(AtomicU16::new(0));
        tokio::spawn(net::relay_events(listener, events.clone()));
        Ok(Self {
            client,
            folder: folder.to_owned(),
            access,
            logs,
            relay,
            events,
            pods: BTreeMap::new(),
            told: Vec::new(),
            leaving: JoinSet::new(),
        })
    }

    /// Never ends by itself; an API server that does not answer is waited for.
    pub async fn run(&mut self) -> anyhow::Result<()> {
        let pods: Api<Pod> = Api::all(self.client.clone());
        let config = watcher::Config::default().labels("app.kubernetes.io/part-of=flux");
        let mut seen = BTreeSet::new();
        let mut changes = watcher(pods, config).default_backoff().boxed();
        let mut ticks = tokio::time::interval(INTERVAL);
        ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                change = changes.next() => match change.context("the watch of pods ended")? {
                    Ok(change) => self.follow(change, &mut seen).await?,
                    // The API server may be restarting; the watch is taken up again by itself.
                    Err(_) => continue,
                },
                Some(Ok(left)) = self.leaving.join_next() => self.hand_over(&left).await,
                _ = ticks.tick() => self.look_after_all().await,
            }
        }
    }

    async fn follow(&mut self, change: Event<Pod>, seen: &mut BTreeSet<String>) -> anyhow::Result<()> {
        match change {
            Event::Init => seen.clear(),
            Event::InitApply(pod) => {
                seen.extend(pod.metadata.uid.clone());
                self.tend(&pod).await?;
            }
            Event::InitDone => {
                let gone: Vec<_> = self.pods.keys().filter(|uid| !seen.contains(*uid)).cloned().collect();
                for uid in gone {
                    self.leave(&uid);
                }
            }
            Event::Apply(pod) => self.tend(&pod).await?,
            Event::Delete(pod) => self.leave(&pod.metadata.uid.unwrap_or_default()),
        }
        Ok(())
    }

    async fn tend(&mut self, pod: &Pod) -> anyhow::Result<()> {
        let uid = pod.metadata.uid.clone().unwrap_or_default();
        match Wanted::from_pod(pod) {
            Some(wanted) if !self.pods.contains_key(&uid) => {
                let spec = pod.spec.as_ref();
                let container = spec.and_then(|spec| spec.containers.first()).map(|one| one.name.clone());
                let controller = Controller::new(wanted, &self.folder, self.logs.clone())?;
                let tended = Tended { controller, container: container.unwrap_or_default(), said: None };
                self.pods.insert(uid, tended);
            }
            Some(_) => {}
            None => self.leave(&uid),
        }
        Ok(())
    }

    /// A pod goes; its process gets the time that the pod grants it, while everything else continues.
    fn leave(&mut self, uid: &str) {
        if let Some(mut tended) = self.pods.remove(uid) {
            self.leaving.spawn(async move {
                tended.controller.terminate().await;
                tended.controller.wanted
            });
        }
    }

    async fn hand_over(&mut self, left: &Wanted) {
        for tended in self.pods.values_mut().filter(|tended| tended.controller.shares_the_lead_with(left)) {
            tended.controller.take_over().await;
        }
    }

    async fn look_after_all(&mut self) {
        for tended in self.pods.values_mut() {
            if let Err(error) = tended.controller.look_after(&self.access, self.relay).await {
                note(&self.folder, &tended.controller, &error);
            }
            let now = (tended.controller.condition.clone(), tended.controller.restarts);
            if tended.said.as_ref() == Some(&now) {
                continue;
            }
            match report(&self.client, tended).await {
                Ok(()) => tended.said = Some(now),
                Err(error) => note(&self.folder, &tended.controller, &error),
            }
        }
        let takes = self.pods.values().find_map(|tended| tended.controller.takes_events());
        self.events.store(takes.unwrap_or_default(), Ordering::Relaxed);
        let parts: Vec<Part> = self.pods.values().map(|tended| tended.controller.part()).collect();
        if parts != self.told && parts::tell(&self.folder, parts::CONTROLLERS, &parts).is_ok() {
            self.told = parts;
        }
    }

    pub async fn stop(&mut self) {
        self.leaving.shutdown().await;
        for tended in self.pods.values_mut() {
            tended.controller.stop().await;
        }
    }
}

/// Tells the API server how a pod is. A pod that is gone needs no telling.
async fn report(client: &kube::Client, tended: &Tended) -> anyhow::Result<()> {
    let Tended { controller, container, .. } = tended;
    let wanted = &controller.wanted;
    let pods: Api<Pod> = Api::namespaced(client.clone(), &wanted.namespace);
    #[expect(clippy::disallowed_methods, reason = "a kubelet's report carries the time of the report")]
    let now = Timestamp::now();
    let status = pod_status(wanted, container, &controller.condition, controller.restarts, now);
    match pods.patch_status(&wanted.pod, &PatchParams::default(), &Patch::Merge(status)).await {
        Err(kube::Error::Api(answer)) if answer.code == 404 => Ok(()),
        outcome => outcome.map(drop).context("telling a pod's status"),
    }
}

/// Writes what went wrong where a person looking for it will look.
fn note(folder: &Path, controller: &Controller, error: &anyhow::Error) {
    use std::io::Write;
    let line = format!("{}: {error:#}\n", controller.wanted.pod);
    let file = std::fs::OpenOptions::new().create(true).append(true).open(folder.join("kubelet.log"));
    // There is no other place to complain to.
    drop(file.and_then(|mut file| file.write_all(line.as_bytes())));
}
