//! Server-side apply: maps are merged, lists replaced, and what a manager applies no longer goes, unless another one applies it too.

#![expect(clippy::result_large_err, reason = "a refusal is the answer itself, and is passed on at once")]

use super::call::Call;
use super::store::Key;
use super::store::Store;
use super::writes::Outcome;
use super::writes::is_dry_run;
use super::writes::keep_other_half;
use super::writes::namespace_exists;
use super::writes::store_object;
use http::StatusCode;
use serde_json::Value;

pub fn apply(store: &mut Store, call: &Call, key: &Key, before: Option<Value>, given: &Value) -> Outcome {
    let (object, code) = match before {
        None => {
            namespace_exists(store, key)?;
            let mut object = given.clone();
            if let Some(map) = object.as_object_mut() {
                map.remove("status");
            }
            (object, StatusCode::CREATED)
        }
        Some(before) => {
            let mut object = before.clone();
            let (mine, others): (Vec<_>, Vec<_>) = store
                .applied
                .get(key)
                .into_iter()
                .flatten()
                .partition(|(name, _)| name.as_str() == call.query("fieldManager"));
            let others: Vec<&Value> = others.into_iter().map(|(_, applied)| applied).collect();
            for (_, applied) in mine {
                withdraw(&mut object, applied, given, &others);
            }
            json_patch::merge(&mut object, given);
            keep_other_half(&mut object, &before, call);
            (object, StatusCode::OK)
        }
    };
    if !is_dry_run(call) {
        let managers = store.applied.entry(key.clone()).or_default();
        managers.insert(call.query("fieldManager").to_owned(), given.clone());
    }
    store_object(store, call, key, object, code)
}

/// Removes the fields that `old` has and `new` has not, as far as no other manager applies them.
fn withdraw(live: &mut Value, old: &Value, new: &Value, others: &[&Value]) {
    let (Some(fields), Some(old)) = (live.as_object_mut(), old.as_object()) else { return };
    for (name, value) in old {
        let kept: Vec<&Value> = others.iter().filter_map(|other| other.get(name)).collect();
        match (new.get(name), fields.get_mut(name)) {
            (None, Some(_)) if kept.is_empty() => {
                fields.remove(name);
            }
            (new, Some(live)) => withdraw(live, value, new.unwrap_or(&Value::Null), &kept),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_a_manager_applies_no_longer_goes_unless_another_one_applies_it() {
        let mut live = json!({"data": {"mine": "1", "both": "2", "theirs": "3"}, "spec": {"a": 1}});
        let old = json!({"data": {"mine": "1", "both": "2"}, "spec": {"a": 1}});
        let other = json!({"data": {"both": "2"}});
        withdraw(&mut live, &old, &json!({"spec": {"a": 1}}), &[&other]);
        assert_eq!(live, json!({"data": {"both": "2", "theirs": "3"}, "spec": {"a": 1}}));
    }
}
