//! A fleet of fifty objects, and what is read of a picture.

use crate::support::ApiServer;
use crate::support::flux_object;
use crate::support::ready;
use serde_json::Value;
use serde_json::json;

/// A box of a picture.
#[derive(Debug, Clone, Copy)]
pub struct Box {
    pub left: f64,
    pub top: f64,
    width: f64,
    height: f64,
}

impl Box {
    /// Whether two boxes share a place.
    pub fn overlaps(&self, other: &Self) -> bool {
        self.left < other.left + other.width
            && other.left < self.left + self.width
            && self.top < other.top + other.height
            && other.top < self.top + self.height
    }
}

pub fn source(name: &str) -> Value {
    let artifact = json!({"artifact": {"revision": "main@sha1:abc"}});
    let spec = json!({"url": "https://git.example.com/fleet", "interval": "1m0s"});
    flux_object("GitRepository", name, spec, ready("True", "stored artifact", artifact))
}

pub fn kustomization(name: &str, source: &str, needs: &[&str], status: Value) -> Value {
    let needs: Vec<Value> = needs.iter().map(|name| json!({"name": name})).collect();
    let spec = json!({"interval": "5m0s", "prune": true, "path": "./", "dependsOn": needs,
        "sourceRef": {"kind": "GitRepository", "name": source}});
    flux_object("Kustomization", name, spec, status)
}

pub fn in_namespace(mut object: Value, namespace: &str) -> Value {
    object["metadata"]["namespace"] = json!(namespace);
    object
}

/// Two sources, four layers of Kustomizations, charts, images and alerts, as a company with several teams has them. How many they are.
pub fn fleet(server: &ApiServer) -> usize {
    let objects = [kustomizations(), charts(), images(), alerts()].concat();
    let count = objects.len();
    objects.into_iter().for_each(|object| drop(server.put(object)));
    count
}

fn applied() -> Value {
    ready("True", "applied", json!({"lastAppliedRevision": "main@sha1:abc"}))
}

fn kustomizations() -> Vec<Value> {
    let mut objects = vec![source("flux-system"), source("apps")];
    let base = [
        ("crds", &[][..]),
        ("controllers", &["crds"]),
        ("configs", &["controllers", "crds"]),
        ("monitoring", &["controllers"]),
    ];
    for (name, needs) in base {
        objects.push(kustomization(name, "flux-system", needs, applied()));
    }
    for number in 0..20 {
        let name = format!("team-{number:02}");
        let before = format!("team-{:02}", number / 3);
        let needs: &[&str] = if number < 4 { &["configs"] } else { &["configs", &before] };
        let status = match number % 7 {
            3 => ready("False", "health check failed after 5m0s", json!({})),
            5 => ready("Unknown", "Running health checks", json!({})),
            _ => applied(),
        };
        objects.push(kustomization(&name, "apps", needs, status));
    }
    objects
}

fn charts() -> Vec<Value> {
    let mut objects = Vec::new();
    for name in ["podinfo", "jetstack"] {
        let spec = json!({"url": "https://charts.example.com"});
        objects.push(flux_object("HelmRepository", name, spec, ready("True", "stored", json!({}))));
    }
    for (name, repository) in [
        ("cert-manager", "jetstack"),
        ("trust-manager", "jetstack"),
        ("frontend", "podinfo"),
        ("backend", "podinfo"),
        ("cache", "podinfo"),
    ] {
        let chart =
            json!({"spec": {"chart": name, "sourceRef": {"kind": "HelmRepository", "name": repository}}});
        let needs =
            if name == "frontend" { json!([{"name": "backend"}, {"name": "cache"}]) } else { json!([]) };
        let spec = json!({"chart": chart, "interval": "1m", "dependsOn": needs});
        objects.push(flux_object("HelmRelease", name, spec, applied()));
    }
    objects
}

fn images() -> Vec<Value> {
    let mut objects = Vec::new();
    for name in ["web", "api", "worker", "cron"] {
        let image = json!({"image": "ghcr.io/acme/web"});
        objects.push(flux_object("ImageRepository", name, image, ready("True", "scanned", json!({}))));
        let policy = json!({"imageRepositoryRef": {"name": name}});
        objects.push(flux_object("ImagePolicy", name, policy, ready("True", "selected", json!({}))));
    }
    let automation = json!({"sourceRef": {"kind": "GitRepository", "name": "apps"}, "interval": "1m"});
    let committed = ready("True", "committed", json!({}));
    objects.push(flux_object("ImageUpdateAutomation", "apps", automation, committed));
    objects
}

fn alerts() -> Vec<Value> {
    let mut objects = Vec::new();
    for name in ["chat", "pager"] {
        objects.push(flux_object("Provider", name, json!({"type": "slack"}), json!({})));
    }
    for (name, provider, about) in [
        ("all", "chat", "*"),
        ("team-03", "pager", "team-03"),
        ("team-10", "pager", "team-10"),
        ("crds", "pager", "crds"),
        ("configs", "chat", "configs"),
    ] {
        let sources = json!([{"kind": "Kustomization", "name": about}]);
        let spec = json!({"providerRef": {"name": provider}, "eventSources": sources});
        objects.push(flux_object("Alert", name, spec, json!({})));
    }
    let resources =
        json!([{"kind": "GitRepository", "name": "apps"}, {"kind": "GitRepository", "name": "flux-system"}]);
    let spec = json!({"type": "github", "resources": resources});
    objects.push(flux_object("Receiver", "push", spec, ready("True", "ready", json!({}))));
    objects
}

/// The boxes of objects in a picture.
pub fn boxes(picture: &str) -> Vec<Box> {
    let number = |line: &str, name: &str| -> f64 {
        let (_, rest) = line.split_once(&format!(" {name}=\"")).unwrap();
        rest.split('"').next().unwrap().parse().unwrap()
    };
    let groups = picture.split("<g>").skip(1);
    let rects = groups.map(|group| group.split_once("<rect").unwrap().1);
    rects
        .map(|rect| Box {
            left: number(rect, "x"),
            top: number(rect, "y"),
            width: number(rect, "width"),
            height: number(rect, "height"),
        })
        .collect()
}

/// The tags that are left open at the end. A text that holds what belongs into a tag fails the test.
pub fn tags(picture: &str) -> Vec<String> {
    let mut open: Vec<String> = Vec::new();
    for part in picture.split('<').skip(1) {
        let (tag, text) = part.split_once('>').unwrap_or_else(|| panic!("a tag without an end: {part}"));
        assert!(!text.contains('>'), "{text}");
        for entity in text.split('&').skip(1).chain(tag.split('&').skip(1)) {
            assert!(
                ["amp;", "lt;", "gt;", "quot;"].iter().any(|known| entity.starts_with(known)),
                "{entity}"
            );
        }
        assert!(!part.chars().any(|char| char.is_control() && char != '\n'), "{part}");
        let name = tag.split([' ', '/']).find(|word| !word.is_empty()).unwrap().to_owned();
        if tag.starts_with('/') {
            assert_eq!(open.pop(), Some(name), "{part}");
        } else if !tag.ends_with('/') {
            assert_eq!(tag.matches('"').count() % 2, 0, "{tag}");
            open.push(name);
        }
    }
    open
}
