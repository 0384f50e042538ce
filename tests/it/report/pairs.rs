//! Two versions of an object, from a seed.

use super::case::Case;
use super::pieces::BLOCKS;
use super::pieces::KEYS;
use super::pieces::LINES;
use super::pieces::WORDS;
use crate::yaml::odd::Dice;
use fluxr::testing::render::report;
use serde_json::Map;
use serde_json::Value;
use serde_json::json;

/// A pair, and a terminal to show its differences on. What a terminal would obey is not shown with colours, since it is made harmless then.
pub fn generated(seed: u64) -> Case {
    let (from, to) = pair(seed);
    let dice = &mut Dice::new(seed + 1);
    let width = if dice.one_in(2) { report::WIDTH } else { 20 + dice.below(200) };
    let is_harmless = [&from, &to].iter().all(|value| !holds_commands(value));
    let colours = [0, 16, 24][dice.below(3)];
    let colours = if is_harmless { colours } else { 0 };
    Case { about: seed.to_string(), from, to, width, colours, text: String::new() }
}

fn holds_commands(value: &Value) -> bool {
    match value {
        Value::String(text) => {
            text.contains(|letter: char| letter.is_control() && !matches!(letter, '\n' | '\t'))
        }
        Value::Array(items) => items.iter().any(holds_commands),
        Value::Object(map) => map.values().any(holds_commands),
        _ => false,
    }
}

/// An object and what it became.
pub fn pair(seed: u64) -> (Value, Value) {
    let dice = &mut Dice::new(seed);
    let from = object(dice);
    let mut to = from.clone();
    for _ in 0..=dice.below(5) {
        mutate(dice, &mut to, 0);
    }
    if !dice.one_in(8) {
        keep_identity(&from, &mut to);
    }
    if !to.is_object() || to.as_object().is_some_and(Map::is_empty) {
        to = object(dice);
    }
    if dice.one_in(2) { (from, to) } else { (to, from) }
}

/// Another name makes another object, of which nothing is compared.
fn keep_identity(from: &Value, to: &mut Value) {
    for path in ["/apiVersion", "/kind", "/metadata"] {
        if let (Some(old), Some(new)) = (from.pointer(path), to.pointer_mut(path)) {
            for field in ["name", "namespace"] {
                if let (Some(old), Some(new)) = (old.get(field), new.get_mut(field)) {
                    *new = old.clone();
                }
            }
            if !old.is_object() || !new.is_object() {
                *new = old.clone();
            }
        } else if let (Some(old), Some(map)) = (from.pointer(path), to.as_object_mut()) {
            map.insert(path.trim_start_matches('/').to_owned(), old.clone());
        }
    }
}

fn object(dice: &mut Dice) -> Value {
    let mut metadata = json!({"name": "app", "namespace": "team", "generation": dice.below(9)});
    metadata["labels"] = map(dice, 1).into();
    metadata["managedFields"] = json!([{"manager": "flux"}, {"manager": "kubectl"}]);
    match dice.below(8) {
        0 | 1 => {
            let data: Map<String, Value> =
                (0..=dice.below(4)).map(|at| (format!("file-{at}"), text(dice).into())).collect();
            json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, "data": data})
        }
        2 | 3 => deployment(dice, &metadata),
        4 => {
            let items: Vec<Value> = (0..dice.below(6)).map(|at| resource(dice, at)).collect();
            json!({"apiVersion": "v1", "kind": "List", "metadata": {"name": "all"}, "items": items})
        }
        5 => {
            let mut map = map(dice, 0);
            map.insert("kind".to_owned(), json!("Thing"));
            map.into()
        }
        _ => {
            let (spec, status) = (value(dice, 1), value(dice, 2));
            json!({"apiVersion": "x.io/v1", "kind": "Thing", "metadata": metadata, "spec": spec, "status": status})
        }
    }
}

fn resource(dice: &mut Dice, at: usize) -> Value {
    let mut metadata = json!({"name": format!("r{}", if dice.one_in(6) { 0 } else { at })});
    if dice.one_in(2) {
        metadata["namespace"] = json!("team");
    }
    json!({"apiVersion": "v1", "kind": dice.pick(&["Secret", "ConfigMap"]), "metadata": metadata, "data": value(dice, 3)})
}

/// Containers have more fields than Go sorts by insertion.
fn deployment(dice: &mut Dice, metadata: &Value) -> Value {
    let containers: Vec<Value> = (0..=dice.below(3)).map(|at| container(dice, at)).collect();
    let conditions: Vec<Value> = ["Available", "Progressing", "Ready", "Stalled", "Failed"]
        .iter()
        .take(dice.below(6))
        .map(|name| json!({"type": name, "status": dice.pick(&["True", "False"]), "message": text(dice)}))
        .collect();
    json!({
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": metadata,
        "spec": {"replicas": dice.below(5), "template": {"spec": {"containers": containers}}},
        "status": {"conditions": conditions, "observedGeneration": 1},
    })
}

fn container(dice: &mut Dice, at: usize) -> Value {
    let mut container = json!({"name": format!("c{at}"), "image": dice.pick(WORDS)});
    for field in [
        "args",
        "command",
        "env",
        "envFrom",
        "imagePullPolicy",
        "lifecycle",
        "livenessProbe",
        "ports",
        "readinessProbe",
        "resizePolicy",
        "resources",
        "restartPolicy",
        "securityContext",
        "startupProbe",
        "stdin",
        "terminationMessagePath",
        "terminationMessagePolicy",
        "tty",
        "volumeDevices",
        "volumeMounts",
        "workingDir",
    ] {
        if dice.one_in(3) {
            continue;
        }
        container[field] = match field {
            "env" => (0..=dice.below(5))
                .map(|at| json!({"name": format!("V{at}"), "value": dice.pick(WORDS)}))
                .collect(),
            "args" | "command" => (0..dice.below(6)).map(|_| json!(dice.pick(WORDS))).collect(),
            "ports" => {
                (0..dice.below(3)).map(|at| json!({"containerPort": 80 + at, "protocol": "TCP"})).collect()
            }
            _ => value(dice, 3),
        };
    }
    container
}

fn map(dice: &mut Dice, depth: usize) -> Map<String, Value> {
    (0..dice.below(6)).map(|_| (dice.pick(KEYS).to_owned(), value(dice, depth + 1))).collect()
}

fn value(dice: &mut Dice, depth: usize) -> Value {
    match dice.below(if depth > 4 { 7 } else { 11 }) {
        0..=2 => text(dice).into(),
        3 => json!(dice.below(100)),
        4 => number(dice),
        5 => json!(dice.one_in(2)),
        6 => dice.pick(&["null", "{}", "[]"]).parse().unwrap(),
        7 | 8 => map(dice, depth).into(),
        _ => list(dice, depth),
    }
}

fn number(dice: &mut Dice) -> Value {
    match dice.below(8) {
        0 => json!(1.5),
        1 => json!(1.0),
        2 => json!(-3),
        3 => json!(u64::MAX),
        4 => json!(1e21),
        5 => json!(0.000_001),
        6 => json!(1_234_567.5),
        _ => json!(i64::MIN),
    }
}

fn list(dice: &mut Dice, depth: usize) -> Value {
    let most = if dice.one_in(10) { 20 } else { 6 };
    let length = dice.below(most);
    let sort = dice.below(5);
    let field = dice.pick(&["name", "key", "id", "manager", "type", "path", "title"]);
    let entries = (0..length).map(|at| match sort {
        0 | 1 => {
            let mut entry = map(dice, depth + 1);
            let name = if dice.one_in(12) { value(dice, 5) } else { json!(format!("n{at}")) };
            if !dice.one_in(20) {
                entry.insert(field.to_owned(), name);
            }
            entry.into()
        }
        2 => json!(dice.pick(WORDS)),
        3 => json!(dice.pick(&["a", "b", "c"])),
        _ => value(dice, depth + 1),
    });
    entries.collect()
}

fn text(dice: &mut Dice) -> String {
    match dice.below(9) {
        0 => lines(dice),
        1 if dice.one_in(2) => {
            let mut text = dice.pick(BLOCKS).to_owned();
            if dice.one_in(5) {
                text.insert_str(0, dice.pick(&["# first\n", " ", "x"]));
            }
            if dice.one_in(5) {
                text.push_str(dice.pick(BLOCKS));
            }
            text
        }
        2 => (0..dice.below(4)).map(|_| dice.pick(WORDS)).collect::<Vec<_>>().join(" "),
        3 => dice.pick(WORDS).repeat(dice.below(4)),
        _ => dice.pick(WORDS).to_owned(),
    }
}

fn lines(dice: &mut Dice) -> String {
    let most = if dice.one_in(40) {
        400
    } else if dice.one_in(6) {
        60
    } else {
        8
    };
    let count = dice.below(most);
    let mut text = (0..count).map(|_| dice.pick(LINES)).collect::<Vec<_>>().join("\n");
    text.push_str(dice.pick(&["\n", "", "\n\n"]));
    text
}

/// Changes something at random, the deeper the likelier.
fn mutate(dice: &mut Dice, value: &mut Value, depth: usize) {
    let goes_deeper = !dice.one_in(if depth < 2 { 12 } else { 3 });
    match value {
        Value::Object(map) if goes_deeper && !map.is_empty() => {
            let at = dice.below(map.len());
            if let Some((_, value)) = map.iter_mut().nth(at) {
                mutate(dice, value, depth + 1);
            }
        }
        Value::Array(items) if goes_deeper && !items.is_empty() => {
            let at = dice.below(items.len());
            mutate(dice, &mut items[at], depth + 1);
        }
        Value::Object(map) => mutate_map(dice, map, depth),
        Value::Array(items) => mutate_list(dice, items, depth),
        // Go looks into the key of a certificate, and takes one with a typing error for a text.
        Value::String(text) if text.contains("-----BEGIN") => *text = another_block(dice, text),
        Value::String(text) if !dice.one_in(6) => *text = edited(dice, text),
        Value::Number(_) if !dice.one_in(4) => *value = number(dice),
        Value::Bool(flag) if !dice.one_in(4) => *flag = !*flag,
        other => *other = self::value(dice, depth),
    }
}

fn mutate_map(dice: &mut Dice, map: &mut Map<String, Value>, depth: usize) {
    let key = map.keys().nth(dice.below(map.len().max(1))).cloned();
    match (dice.below(4), key) {
        (0, Some(key)) => drop(map.remove(&key)),
        (1, Some(key)) => {
            if let Some(value) = map.remove(&key) {
                map.insert(dice.pick(KEYS).to_owned(), value);
            }
        }
        (2, _) => map.extend(self::map(dice, depth)),
        _ => drop(map.insert(dice.pick(KEYS).to_owned(), value(dice, depth + 1))),
    }
}

fn mutate_list(dice: &mut Dice, items: &mut Vec<Value>, depth: usize) {
    let at = dice.below(items.len().max(1));
    match dice.below(7) {
        0 if !items.is_empty() => drop(items.remove(at)),
        1 if !items.is_empty() => items.push(items[at].clone()),
        2 if !items.is_empty() => {
            let last = items.len() - 1;
            items.swap(at, last);
        }
        3 => items.reverse(),
        4 if !items.is_empty() => items.rotate_left(at),
        5 => items.truncate(1),
        _ => items.insert(at.min(items.len()), value(dice, depth + 1)),
    }
}

fn edited(dice: &mut Dice, text: &str) -> String {
    let letters: Vec<char> = text.chars().collect();
    let at = dice.below(letters.len() + 1);
    let (before, behind) = letters.split_at(at);
    let put = |middle: &str, behind: &[char]| -> String {
        before.iter().copied().chain(middle.chars()).chain(behind.iter().copied()).collect()
    };
    match dice.below(9) {
        0 => put(dice.pick(&["x", " ", "\n", "é"]), behind),
        1 => put("", behind.get(1..).unwrap_or_default()),
        2 => put(dice.pick(&["y", "zz"]), behind.get(1..).unwrap_or_default()),
        3 => format!("{text}{}", dice.pick(&[" ", "\n", "\n\n", "x"])),
        4 => format!("{}{text}", dice.pick(&[" ", "\n", "x"])),
        5 if text.contains('\n') => edited_lines(dice, text),
        6 if text.contains('\n') => {
            let once = edited_lines(dice, text);
            edited_lines(dice, &once)
        }
        7 => text.trim().to_owned(),
        _ => self::text(dice),
    }
}

/// Another certificate, another text around it, or none that is whole.
fn another_block(dice: &mut Dice, text: &str) -> String {
    match dice.below(8) {
        0 => format!("{}{text}", dice.pick(&["# first\n", " ", "x", "\n"])),
        1 => format!("{text}{}", dice.pick(&["# last\n", " ", "x", "\n"])),
        2 => text.replace("-----END", "-----"),
        3 => text.replace('\n', "\r\n"),
        4 => self::text(dice),
        _ => dice.pick(BLOCKS).to_owned(),
    }
}

fn edited_lines(dice: &mut Dice, text: &str) -> String {
    let mut lines: Vec<&str> = text.split('\n').collect();
    let at = dice.below(lines.len());
    match dice.below(5) {
        0 => drop(lines.remove(at)),
        1 => lines.insert(at, dice.pick(LINES)),
        2 => lines[at] = dice.pick(LINES),
        3 => lines.rotate_left(at),
        _ => lines.insert(at, lines[at]),
    }
    lines.join("\n")
}
