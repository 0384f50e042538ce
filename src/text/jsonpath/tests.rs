use super::*;
use serde_json::Value;
use serde_json::json;

fn list() -> Value {
    json!({
        "kind": "List",
        "items": [
            {"metadata": {"name": "one", "labels": {"app.io/part": "x"}}, "n": 1, "ok": true, "list": [10, 20, 30, 40]},
            {"metadata": {"name": "two", "labels": {}}, "n": 2, "ok": false, "list": []},
            {"metadata": {"name": "three"}, "n": 3, "f": 1.5, "nothing": null},
        ],
    })
}

#[track_caller]
fn shows(template: &str, wanted: &str) {
    let rendered = Template::parse(template).and_then(|template| template.render(&list()));
    assert_eq!(rendered.as_deref(), Ok(wanted), "{template}");
}

#[test]
fn paths_lead_to_fields_items_and_slices() {
    shows("{.kind}", "List");
    shows("kind: {.kind}, {$.kind}{@.kind}", "kind: List, ListList");
    shows("{.items[0].metadata.name} {.items[-1].metadata.name}", "one three");
    shows("{.items[*].metadata.name}", "one two three");
    shows("{.items[0].list[1:3]}", "20 30");
    shows("{.items[0].list[::2]} {.items[0].list[-2:]} {.items[0].list[:1]}", "10 30 30 40 10");
    shows("{.items[0].list[0,3]}", "10 40");
    shows("{.items[0]['n','ok']} {.items[0]['metadata'].name}", "1 true one");
    shows(r"{.items[0].metadata.labels.app\.io/part}", "x");
    shows("{.items[0].metadata.labels['app\\.io/part']}", "x");
    shows("{..name}", "one two three");
    shows("{.items[0].metadata.*}", r#"{"app.io/part":"x"} one"#);
    shows("{.items[1].metadata}", r#"{"labels":{},"name":"two"}"#);
    shows("{.missing}{.items[*].missing.deeper}{.items[2].nothing}", "null");
    shows("plain", "plain");
}

#[test]
fn loops_repeat_what_is_between_and_may_be_nested() {
    shows("{range .items[*]}{.metadata.name}={.n};{end}.", "one=1;two=2;three=3;.");
    shows("{range .items[*]}{.n}{range .list[*]} {@}{end}\n{end}", "1 10 20 30 40\n2\n3\n");
    shows("{range .none[*]}{.n}{end}done", "done");
    shows("{range .items[*]}{.metadata.name}{\"\\t\"}{'\\n'}{end}", "one\t\ntwo\t\nthree\t\n");
}

#[test]
fn filters_keep_the_items_that_pass() {
    shows("{.items[?(@.n>1)].metadata.name}", "two three");
    shows("{.items[?(@.metadata.name==\"two\")].n}", "2");
    shows("{.items[?(@.metadata.name!='two')].n}", "1 3");
    shows("{.items[?(@.ok==true)].n}{.items[?(@.n<=1)].n}{.items[?(@.f>=1.5)].n}", "113");
    shows("{.items[?(@.f)].n}", "3");
    shows("{.items[?(@.metadata.name==\"a)]b\")].n}", "");
}

#[test]
fn what_is_wrong_with_a_template_is_reported() {
    for (template, says) in [
        ("{.items", "unclosed action: } is missing"),
        ("{.items[0", "unterminated array: ] is missing"),
        ("{.items[x]}", "invalid array index x"),
        ("{.items[?(@.n]}", "unterminated filter: )] is missing"),
        ("{.items[?(@.n=1)]}", "unrecognized filter operator ="),
        ("{'x}", "unterminated quoted string"),
        ("{end}", "not in range, nothing to end"),
        ("{if .x}", "unrecognized identifier if"),
        ("{....x}", "invalid multiple recursive descent"),
        ("{.items[9]}", "array index out of bounds: index 9, length 3"),
        ("{.items[2:1]}", "starting index 2 is greater than ending index 1"),
        ("{.items[::0]}", "step must be > 0"),
        ("{.kind[0]}", "a text is not a list and has no index"),
        ("{.kind[?(@.x)]}", "a text is not a list and cannot be filtered"),
        ("{.items[?(@.n==\"1\")]}", "incompatible types for comparison"),
        ("{.items[?(@.metadata==1)]}", "invalid type for comparison"),
        ("{.items[0].list[?(@.*==1)]}", ""),
        ("{%}", "unrecognized character '%' in {}"),
    ] {
        let rendered = Template::parse(template).and_then(|template| template.render(&list()));
        match says {
            "" => assert_eq!(rendered.as_deref(), Ok("")),
            says => {
                assert_eq!(rendered.map_err(|error| error.to_string()), Err(says.to_owned()), "{template}")
            }
        }
    }
}

#[test]
fn a_path_may_lack_its_braces_and_its_dot() {
    for path in ["kind", ".kind", "{kind}", "{.kind}"] {
        assert_eq!(Template::parse_path(path).unwrap().render(&list()).unwrap(), "List");
    }
    for wrong in ["", "{", "{.a}{.b}", "x{.a}"] {
        assert!(Template::parse_path(wrong).is_err(), "{wrong}");
    }
}

#[test]
fn cells_are_written_as_go_prints_values() {
    assert_eq!(cell(&json!({"b": [1, "x", null], "a": {"c": 1.5}})), "map[a:map[c:1.5] b:[1 x <nil>]]");
    assert_eq!(cell(&json!(2_500_000.0)), "2.5e+06");
}

#[test]
fn values_are_ordered_by_type_and_size() {
    use std::cmp::Ordering::Less;
    let sorted = [
        None,
        Some(json!(-1)),
        Some(json!(10)),
        Some(json!(false)),
        Some(json!("9")),
        Some(json!("10")),
        Some(json!("x")),
    ];
    for pair in sorted.windows(2) {
        assert_eq!(order(pair[0].as_ref(), pair[1].as_ref()), Less, "{pair:?}");
    }
}

#[test]
fn loops_that_multiply_without_end_are_given_up() {
    let value = json!({"items": [1, 2]});
    let template = Template::parse(&"{range .items[*]}".repeat(64)).unwrap();
    let error = template.render(&value).unwrap_err();
    assert!(error.to_string().starts_with("loops within loops look at more than"), "{error}");
}

#[test]
fn values_have_an_order_whatever_they_are() {
    let mut values: Vec<Value> = ["2", "10", "1a", "nan", "inf", "-1", "b", ""].map(Value::from).to_vec();
    values.extend([json!(3), json!(true), json!(null), json!([1])]);
    for (a, b, c) in triples(&values) {
        let is_less = |a: &Value, b: &Value| order(Some(a), Some(b)).is_lt();
        assert!(!(is_less(a, b) && is_less(b, c)) || is_less(a, c), "{a} {b} {c}");
    }
}

/// Every three of them.
fn triples(values: &[Value]) -> Vec<(&Value, &Value, &Value)> {
    let mut all = Vec::new();
    for a in values {
        for b in values {
            all.extend(values.iter().map(|c| (a, b, c)));
        }
    }
    all
}
