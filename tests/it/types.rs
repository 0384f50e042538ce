//! The Rust types of the kinds write exactly what they read.

use crate::full_objects::full_object;
use fluxr::testing::kind::KINDS;
use serde_json::Value;

#[test]
fn an_object_with_every_field_set_comes_back_from_the_types_unchanged() {
    for kind in KINDS {
        for object in (0..).map_while(|variant| full_object(kind, variant)) {
            let types = fluxr::testing::kind::typed(kind);
            for (part, ty) in [("spec", Some(types.spec)), ("status", types.status)] {
                match (ty, object.get(part)) {
                    (Some(ty), Some(value)) => {
                        let seen = (ty.rewritten)(value).unwrap_or_else(|error| panic!("{error}: {value:#}"));
                        assert_eq!(seen, *value, "{}", kind.kind);
                    }
                    (None, None) => {}
                    (ty, _) => panic!("{}: {part}: {}", kind.kind, ty.is_some()),
                }
            }
        }
    }
}

#[test]
fn the_full_objects_of_a_kind_have_every_field_of_its_schema() {
    for kind in KINDS {
        let definition = fluxr::testing::kind::definition(kind);
        let properties = &definition["spec"]["versions"][0]["schema"]["openAPIV3Schema"]["properties"];
        let objects: Vec<Value> = (0..).map_while(|variant| full_object(kind, variant)).collect();
        for part in ["spec", "status"] {
            if let Some(schema) = properties.get(part) {
                see_every_field(schema, &format!("/{part}"), &objects, kind.kind);
            }
        }
    }
}

fn see_every_field(schema: &Value, pointer: &str, objects: &[Value], kind: &str) {
    assert!(objects.iter().any(|object| object.pointer(pointer).is_some()), "{kind}: {pointer}");
    for (name, property) in schema["properties"].as_object().into_iter().flatten() {
        see_every_field(property, &format!("{pointer}/{name}"), objects, kind);
    }
    if let Some(inner) = schema.get("items") {
        see_every_field(inner, &format!("{pointer}/0"), objects, kind);
    }
}
