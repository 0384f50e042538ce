//! The containers of an object with their images, as manifests write them and patches on the way change them.

use super::rules::At;
use super::rules::Rules;
use super::spot::PatchAt;
use crate::render::Operation;
use crate::render::PatchText;
use crate::render::kustomize::image_parts;
use crate::text::yaml::edit::Step;
use crate::text::yaml::edit::keys;
use serde_json::Value;

/// The lists of containers, as kustomize knows them.
const LISTS: [&str; 2] = ["containers", "initContainers"];

/// What changed an image on the way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Hit {
    Entry(At),
    /// A patch, with the way to the image in it, and the name that it gives the image.
    Patch(PatchAt, Vec<Step>, String),
}

/// A container, with its image followed to what is deployed.
#[derive(Debug)]
pub(super) struct Container {
    /// The list that it is in.
    list: Vec<String>,
    name: String,
    /// Where the manifest has its image; none for what a patch adds.
    pub(super) path: Option<Vec<Step>>,
    pub(super) names: Vec<String>,
    /// The image with tag and digest; empty where there is none.
    pub(super) last: String,
    /// What changed it, the innermost first.
    pub(super) hits: Vec<Hit>,
}

impl Container {
    fn of(list: Vec<String>, item: &Value, path: Option<Vec<Step>>) -> Self {
        let text = |field: &str| item[field].as_str().unwrap_or_default().to_owned();
        let last = text("image");
        let names = if last.is_empty() { Vec::new() } else { vec![image_parts(&last).0.to_owned()] };
        Self { list, name: text("name"), path, names, last, hits: Vec::new() }
    }

    fn set(&mut self, image: &str, at: PatchAt, path: Vec<Step>) {
        let name = image_parts(image).0.to_owned();
        self.names.push(name.clone());
        image.clone_into(&mut self.last);
        self.hits.push(Hit::Patch(at, path, name));
    }
}

/// The containers of an object.
#[derive(Debug, Default)]
pub(super) struct Containers(pub(super) Vec<Container>);

impl Containers {
    pub(super) fn of(object: &Value) -> Self {
        let mut found = Self::default();
        for (way, items) in lists(object) {
            let of_item = |(at, item)| Container::of(shown(&way), item, Some(image_of(&way, at)));
            found.0.extend(items.iter().enumerate().map(of_item));
        }
        found
    }

    /// Applies the entries of a kustomization about images.
    ///
    /// # Errors
    /// A name that is not a pattern.
    pub(super) fn rename(&mut self, rules: &Rules<'_>) -> anyhow::Result<()> {
        for container in self.0.iter_mut().filter(|container| !container.last.is_empty()) {
            for (at, changed) in rules.apply(&container.last)? {
                container.hits.push(Hit::Entry(at));
                container.names.push(image_parts(&changed).0.to_owned());
                container.last = changed;
            }
        }
        Ok(())
    }

    /// Applies a patch, as far as it puts containers and their images.
    pub(super) fn patch(&mut self, patch: &PatchText, at: PatchAt) {
        match patch.operations() {
            Some(operations) => operations.iter().for_each(|one| self.operate(one, at)),
            None => self.merge(&patch.content, at),
        }
    }

    /// Containers are merged by their names.
    fn merge(&mut self, part: &Value, at: PatchAt) {
        for (way, items) in lists(part) {
            let list = shown(&way);
            for (number, item) in items.iter().enumerate() {
                let (name, path) = (item["name"].as_str().unwrap_or_default(), image_of(&way, number));
                let is_it = |one: &Container| one.list == list && one.name == name;
                if item["$patch"] == "delete" {
                    self.0.retain(|one| !is_it(one));
                    continue;
                }
                let place = self.0.iter().position(is_it).unwrap_or_else(|| {
                    let fresh = Value::Object([("name".to_owned(), name.into())].into_iter().collect());
                    self.0.push(Container::of(list.clone(), &fresh, None));
                    self.0.len() - 1
                });
                if let Some(image) = item["image"].as_str() {
                    self.0[place].set(image, at, path);
                }
            }
        }
    }

    fn operate(&mut self, operation: &Operation<'_>, at: PatchAt) {
        let Operation { path, value, .. } = operation;
        let inside = [vec![Step::Item(operation.at)], keys(["value"])].concat();
        match &path[..] {
            [list @ .., index, field] if is_list(list) && field == "image" => {
                let place = index.parse().ok().and_then(|index| self.place(list, index));
                if let (Some(place), Some(image)) = (place, value.as_str()) {
                    self.0[place].set(image, at, inside);
                }
            }
            [list @ .., index] if is_list(list) => {
                let mut fresh = Container::of(list.to_vec(), value, None);
                if let Some(image) = value["image"].as_str() {
                    fresh.set(image, at, [inside, keys(["image"])].concat());
                }
                match index.parse().ok().and_then(|index| self.place(list, index)) {
                    Some(place) if operation.is_add => self.0.insert(place, fresh),
                    Some(place) => self.0[place] = fresh,
                    None => self.0.push(fresh),
                }
            }
            _ => {
                self.0.retain(|one| !one.list.starts_with(path));
                for (below, items) in lists_below(path, value) {
                    let list = [&path[..], &shown(&below)[..]].concat();
                    for (number, item) in items.iter().enumerate() {
                        let mut fresh = Container::of(list.clone(), item, None);
                        if let Some(image) = item["image"].as_str() {
                            fresh.set(image, at, [&inside[..], &image_of(&below, number)].concat());
                        }
                        self.0.push(fresh);
                    }
                }
            }
        }
    }

    /// The container at an index of a list.
    fn place(&self, list: &[String], index: usize) -> Option<usize> {
        self.0.iter().enumerate().filter(|(_, one)| one.list == list).map(|(place, _)| place).nth(index)
    }
}

/// The images of containers.
pub(super) fn images(object: &Value) -> impl Iterator<Item = &str> {
    let items = lists(object).into_iter().flat_map(|(_, items)| items);
    items.filter_map(|item| item["image"].as_str())
}

fn is_list(path: &[String]) -> bool {
    path.last().is_some_and(|last| LISTS.contains(&last.as_str()))
}

fn image_of(list: &[Step], at: usize) -> Vec<Step> {
    [list, &[Step::Item(at), Step::Key("image".to_owned())]].concat()
}

fn shown(way: &[Step]) -> Vec<String> {
    let shown = |step: &Step| match step {
        Step::Key(key) => key.clone(),
        Step::Item(item) => item.to_string(),
    };
    way.iter().map(shown).collect()
}

/// The lists of containers in a value with the ways to them.
fn lists(value: &Value) -> Vec<(Vec<Step>, &[Value])> {
    let mut found = Vec::new();
    collect(value, &mut Vec::new(), &mut found);
    found
}

/// The same for a value that is put at a path.
fn lists_below<'a>(path: &[String], value: &'a Value) -> Vec<(Vec<Step>, &'a [Value])> {
    match value.as_array() {
        Some(items) if is_list(path) => vec![(Vec::new(), items.as_slice())],
        _ => lists(value),
    }
}

fn collect<'a>(value: &'a Value, way: &mut Vec<Step>, found: &mut Vec<(Vec<Step>, &'a [Value])>) {
    match value {
        Value::Object(fields) => {
            for (key, value) in fields {
                way.push(Step::Key(key.clone()));
                if let Some(items) = value.as_array().filter(|_| LISTS.contains(&key.as_str())) {
                    found.push((way.clone(), items.as_slice()));
                }
                collect(value, way, found);
                way.pop();
            }
        }
        Value::Array(items) => {
            for (item, value) in items.iter().enumerate() {
                way.push(Step::Item(item));
                collect(value, way, found);
                way.pop();
            }
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::render::Patches;
    use serde_json::json;

    /// The images after a patch, each with the way to it in the patch.
    fn after(patch: &Value) -> Vec<String> {
        let object = json!({
            "kind": "Deployment",
            "metadata": {"name": "a"},
            "spec": {"template": {"spec": {
                "initContainers": [{"name": "wait", "image": "busybox:1"}],
                "containers": [{"name": "bare"}, {"name": "web", "image": "web:1"}, {"name": "log", "image": "log:1"}],
            }}},
        });
        let spec = json!({"patches": [{"patch": patch.to_string(), "target": {"kind": "Deployment"}}]});
        let patches = Patches::of_spec(&spec);
        let mut containers = Containers::of(&object);
        containers.patch(&patches.all()[0], (None, 0));
        let told = |one: Container| match one.hits.last() {
            Some(Hit::Patch(_, way, name)) => format!("{} {name} {}", one.last, shown(way).join("/")),
            _ => one.last,
        };
        containers.0.into_iter().map(told).filter(|told| !told.is_empty()).collect()
    }

    #[test]
    fn patches_put_images_by_the_names_and_the_places_of_containers() {
        let pod = |containers: Value| json!({"spec": {"template": {"spec": {"containers": containers}}}});
        let at = "spec/template/spec/containers";
        assert_eq!(after(&pod(json!([{"name": "bare", "tty": true}]))), ["web:1", "log:1", "busybox:1"]);
        let merged = pod(json!([{"name": "new", "image": "new:1"}, {"name": "web", "image": "web:2"}]));
        let web = format!("web:2 web {at}/1/image");
        let new = format!("new:1 new {at}/0/image");
        assert_eq!(after(&merged), [web.as_str(), "log:1", "busybox:1", new.as_str()]);
        assert_eq!(after(&pod(json!([{"name": "log", "$patch": "delete"}]))), ["web:1", "busybox:1"]);
        let put = |op: &str, path: &str, value: Value| {
            after(&json!([{"op": op, "path": format!("/spec/template/spec{path}"), "value": value}]))
        };
        let set = put("replace", "/containers/1/image", json!("m/web:2"));
        assert_eq!(set, ["m/web:2 m/web 0/value", "log:1", "busybox:1"]);
        let new = json!({"name": "new", "image": "new:1"});
        let added = ["web:1", "log:1", "busybox:1", "new:1 new 0/value/image"];
        assert_eq!(put("add", "/containers/-", new.clone()), added);
        let first = put("add", "/containers/0", new.clone());
        assert_eq!(first, ["new:1 new 0/value/image", "web:1", "log:1", "busybox:1"]);
        let list = put("replace", "/containers", json!([new.clone()]));
        assert_eq!(list, ["busybox:1", "new:1 new 0/value/0/image"]);
        let whole = put("replace", "", json!({"initContainers": [new]}));
        assert_eq!(whole, ["new:1 new 0/value/initContainers/0/image"]);
    }
}
