//! Which object has to wait for which.

use crate::api::Kind;
use crate::api::ObjectId;
use crate::api::object;
use serde_json::Value;

/// An object of a round, and the positions of those that go before it.
pub(in crate::ops) struct Node {
    pub(in crate::ops) kind: &'static Kind,
    pub(in crate::ops) object: Value,
    pub(in crate::ops) before: Vec<usize>,
}

impl Node {
    pub(super) fn namespace(&self) -> &str {
        object::namespace(&self.object)
    }

    pub(super) fn name(&self) -> &str {
        object::name(&self.object)
    }

    /// `Kind/namespace/name`.
    pub(super) fn address(&self) -> ObjectId {
        self.kind.id(self.namespace(), self.name())
    }
}

/// What an object refers to and has to wait for: its source, and what it says that it depends on.
pub(super) fn needs(kind: &Kind, object: &Value) -> Vec<ObjectId> {
    (kind.source)(object).into_iter().chain(kind.dependencies(object)).collect()
}

/// Puts objects in order: each knows those of them that it needs, and those of the kind that goes first in its namespace.
///
/// # Errors
/// Objects that wait for each other, named one after the other.
pub(in crate::ops) fn order(objects: Vec<(&'static Kind, Value)>) -> anyhow::Result<Vec<Node>> {
    let mut nodes: Vec<Node> =
        objects.into_iter().map(|(kind, object)| Node { kind, object, before: Vec::new() }).collect();
    let places: std::collections::HashMap<String, usize> =
        nodes.iter().enumerate().map(|(place, node)| (node.address().to_string(), place)).collect();
    for place in 0..nodes.len() {
        let node = &nodes[place];
        let needed = needs(node.kind, &node.object);
        let mut before: Vec<usize> =
            needed.iter().filter_map(|one| places.get(&one.to_string()).copied()).collect();
        if let Some(first) = node.kind.reconciling.after {
            let is_first = |other: &Node| other.kind.kind == first && other.namespace() == node.namespace();
            before.extend((0..nodes.len()).filter(|other| is_first(&nodes[*other])));
        }
        nodes[place].before = before;
    }
    match cycle(&nodes) {
        None => Ok(nodes),
        Some(cycle) => {
            let names: Vec<String> = cycle.iter().map(|place| nodes[*place].address().to_string()).collect();
            anyhow::bail!("these wait for each other: {}", names.join(" → "))
        }
    }
}

/// A path of positions that ends where it begins.
fn cycle(nodes: &[Node]) -> Option<Vec<usize>> {
    let mut done = vec![false; nodes.len()];
    for start in 0..nodes.len() {
        let mut path = vec![(start, 0)];
        while let Some((at, next)) = path.pop() {
            if done[at] {
                continue;
            }
            let Some(below) = nodes[at].before.get(next).copied() else {
                done[at] = true;
                continue;
            };
            path.push((at, next + 1));
            if let Some(first) = path.iter().position(|(seen, _)| *seen == below) {
                return Some(path[first..].iter().map(|(seen, _)| *seen).chain([below]).collect());
            }
            path.push((below, 0));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::order;
    use crate::api::Kind;
    use crate::kind::by_name;
    use serde_json::Value;
    use serde_json::json;

    fn app(name: &str, needs: &[&str]) -> (&'static Kind, Value) {
        let needs: Vec<Value> = needs.iter().map(|name| json!({"name": name})).collect();
        let spec = json!({"dependsOn": needs, "sourceRef": {"kind": "GitRepository", "name": "fleet"}});
        let object = json!({"metadata": {"name": name, "namespace": "apps"}, "spec": spec});
        (by_name("Kustomization").unwrap(), object)
    }

    fn before(objects: Vec<(&'static Kind, Value)>) -> Result<Vec<Vec<usize>>, String> {
        let ordered = order(objects).map_err(|error| error.to_string())?;
        Ok(ordered.into_iter().map(|node| node.before).collect())
    }

    #[test]
    fn a_source_and_dependencies_go_before_what_is_not_there_is_not_waited_for() {
        let fleet = json!({"metadata": {"name": "fleet", "namespace": "apps"}});
        let source = (by_name("GitRepository").unwrap(), fleet);
        let found = before(vec![app("web", &["db", "gone"]), app("db", &[]), source]);
        assert_eq!(found, Ok(vec![vec![2, 1], vec![2], vec![]]));
    }

    #[test]
    fn an_automation_waits_for_the_policies_of_its_namespace() {
        let object = |kind: &str, namespace: &str| {
            (by_name(kind).unwrap(), json!({"metadata": {"name": "app", "namespace": namespace}}))
        };
        let objects = vec![
            object("ImageUpdateAutomation", "apps"),
            object("ImagePolicy", "apps"),
            object("ImagePolicy", "other"),
        ];
        assert_eq!(before(objects), Ok(vec![vec![1], vec![], vec![]]));
    }

    #[test]
    fn a_cycle_is_named_and_what_leads_to_it_is_not() {
        let objects = vec![app("a", &["b"]), app("b", &["c"]), app("c", &["b"]), app("d", &["d"])];
        let said = before(objects).unwrap_err();
        assert_eq!(
            said,
            "these wait for each other: Kustomization/apps/b → Kustomization/apps/c → Kustomization/apps/b"
        );
        assert!(
            before(vec![app("d", &["d"])])
                .unwrap_err()
                .ends_with("Kustomization/apps/d → Kustomization/apps/d")
        );
    }
}
