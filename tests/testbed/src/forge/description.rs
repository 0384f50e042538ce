//! Judges what a client asks and what the forge answers by a description of the forge's API in the form of Swagger 2.0. Fields, parameters and
//! statuses that are not described are violations, as are values of another type.

use super::referee::Violation;
use super::state::Exchange;
use serde_json::Value;
use serde_json::json;

/// The fields of a definition that answers must have, beside those that every body must have.
const ANSWERED: &str = "x-answered";

/// A description of an API.
#[derive(Debug)]
pub struct Description {
    /// `basePath`, `paths`, and what they refer to.
    pub(super) document: Value,
    /// The shape of every refusal.
    pub(super) refusal: Value,
    /// Refusals that any call can meet, whether it describes them or not.
    pub(super) everywhere: &'static [u16],
}

impl Description {
    /// Expects these fields of every answer with a thing of a definition: pairs of its name and of theirs, with blanks between them.
    ///
    /// # Errors
    /// A field that is not described.
    pub fn expecting(mut self, fields: &[(&str, &str)]) -> anyhow::Result<Self> {
        for (name, fields) in fields {
            let definition = &mut self.document["definitions"][name];
            for field in fields.split(' ') {
                anyhow::ensure!(definition["properties"].get(field).is_some(), "{name} has no field {field}");
            }
            definition[ANSWERED] = fields.split(' ').collect();
        }
        Ok(self)
    }

    /// What the description does not allow in an exchange, on the client's or on the forge's side.
    #[must_use]
    pub fn judge(&self, exchange: &Exchange) -> Vec<Violation> {
        let base = self.document["basePath"].as_str().unwrap_or_default();
        let asked = exchange.path.strip_prefix(base).unwrap_or(&exchange.path);
        let (path, query) = asked.split_once('?').unwrap_or((asked, ""));
        let mut judgement = Judgement {
            document: &self.document,
            call: format!("{} {path}", exchange.method),
            found: Vec::new(),
        };
        match self.call(&exchange.method, path) {
            None => judgement.note("request", "no such call".to_owned()),
            Some(call) => {
                judgement.query(call, query);
                judgement.body(call, &exchange.asked);
                self.answer(&mut judgement, call, exchange);
            }
        }
        judgement.found
    }

    /// The call of a path, which stands for others where it has braces.
    fn call(&self, method: &str, path: &str) -> Option<&Value> {
        let is_open = |segment: &str| segment.starts_with('{');
        let matches = |known: &str| {
            known.split('/').count() == path.split('/').count()
                && known.split('/').zip(path.split('/')).all(|(known, part)| is_open(known) || known == part)
        };
        let paths = self.document["paths"].as_object()?;
        let best = paths.iter().filter(|(known, _)| matches(known));
        let (_, calls) =
            best.min_by_key(|(known, _)| known.split('/').filter(|part| is_open(part)).count())?;
        calls.get(method.to_lowercase())
    }

    fn answer(&self, judgement: &mut Judgement<'_>, call: &Value, exchange: &Exchange) {
        let described = judgement.resolve(&call["responses"][exchange.status.to_string()]);
        let is_refusal = exchange.status >= 400;
        if described.is_null() && !(is_refusal && self.everywhere.contains(&exchange.status)) {
            judgement.note("response.status", format!("{} is not described", exchange.status));
        }
        let schema = match described.get("schema") {
            Some(schema) => schema,
            None if is_refusal => &self.refusal,
            None => &Value::Null,
        };
        if exchange.status == 204 && !exchange.answered.is_null() {
            judgement.note("response.body", "there is none with 204".to_owned());
        } else if exchange.status != 204 && !schema.is_null() && exchange.answered.is_null() {
            judgement.note("response.body", "it is missing".to_owned());
        } else {
            judgement.value(schema, &exchange.answered, "response.body");
        }
    }
}

struct Judgement<'a> {
    document: &'a Value,
    call: String,
    found: Vec<Violation>,
}

impl<'a> Judgement<'a> {
    fn note(&mut self, place: &str, message: String) {
        self.found.push(Violation { call: self.call.clone(), place: place.to_owned(), message });
    }

    /// What a reference stands for, or the value itself.
    fn resolve<'b>(&self, value: &'b Value) -> &'b Value
    where
        'a: 'b,
    {
        match value["$ref"].as_str() {
            Some(reference) => {
                self.document.pointer(reference.trim_start_matches('#')).unwrap_or(&Value::Null)
            }
            None => value,
        }
    }

    fn query(&mut self, call: &Value, query: &str) {
        let described = parameters(call, "query");
        for (name, text) in url::form_urlencoded::parse(query.as_bytes()) {
            let place = format!("request.query.{name}");
            match described.iter().find(|parameter| parameter["name"] == *name) {
                None => self.note(&place, "it is not described".to_owned()),
                Some(parameter) => {
                    let is_text = parameter["type"] == "string" || parameter["type"].is_null();
                    let value = if is_text { None } else { serde_json::from_str(&text).ok() };
                    self.value(parameter, &value.unwrap_or_else(|| json!(text)), &place);
                }
            }
        }
        for parameter in described.iter().filter(|parameter| parameter["required"] == true) {
            let name = parameter["name"].as_str().unwrap_or_default();
            if !url::form_urlencoded::parse(query.as_bytes()).any(|(given, _)| given == name) {
                self.note(&format!("request.query.{name}"), "it is missing".to_owned());
            }
        }
    }

    fn body(&mut self, call: &Value, body: &Value) {
        let described = parameters(call, "body");
        match described.first() {
            None if body.is_null() => {}
            None => self.note("request.body", "it is not described".to_owned()),
            Some(parameter) => self.value(&parameter["schema"], body, "request.body"),
        }
    }

    /// Holds a value against a schema. Only an answer may say `null` for what it does not have.
    fn value(&mut self, schema: &Value, value: &Value, place: &str) {
        let schema = self.resolve(schema);
        if value.is_null() && place.starts_with("response") {
            return;
        }
        let is_right = match schema["type"].as_str() {
            Some("boolean") => value.is_boolean(),
            Some("integer") => value.is_i64() || value.is_u64(),
            Some("number") => value.is_number(),
            Some("string") => value.as_str().is_some_and(|text| has_format(&schema["format"], text)),
            Some("array") => value.is_array(),
            Some("object") => value.is_object(),
            _ => true,
        };
        if !is_right {
            let wanted = schema["format"].as_str().or(schema["type"].as_str()).unwrap_or_default();
            return self.note(place, format!("{value} is no {wanted}"));
        }
        if schema["enum"].as_array().is_some_and(|all| !all.contains(value)) {
            self.note(place, format!("{value} is none of {}", schema["enum"]));
        }
        for (index, item) in value.as_array().into_iter().flatten().enumerate() {
            self.value(&schema["items"], item, &format!("{place}.{index}"));
        }
        if schema["type"] == "object" {
            self.fields(schema, value, place);
        }
    }

    fn fields(&mut self, schema: &Value, value: &Value, place: &str) {
        let required = |name| schema[name].as_array().into_iter().flatten().filter_map(Value::as_str);
        let answered = required(ANSWERED).filter(|_| place.starts_with("response"));
        for name in required("required").chain(answered) {
            if value.get(name).is_none() {
                self.note(&format!("{place}.{name}"), "it is missing".to_owned());
            }
        }
        for (name, field) in value.as_object().into_iter().flatten() {
            let place = format!("{place}.{name}");
            match schema["properties"].get(name).or(schema.get("additionalProperties")) {
                Some(schema) => self.value(schema, field, &place),
                // A field without any is whatever it is.
                None if schema.get("properties").is_none() => {}
                None => self.note(&place, "it is not described".to_owned()),
            }
        }
    }
}

fn parameters<'a>(call: &'a Value, place: &str) -> Vec<&'a Value> {
    let all = call["parameters"].as_array().into_iter().flatten();
    all.filter(|parameter| parameter["in"] == place).collect()
}

fn has_format(format: &Value, text: &str) -> bool {
    match format.as_str() {
        Some("date-time") => text.parse::<jiff::Timestamp>().is_ok(),
        Some("date") => text.parse::<jiff::civil::Date>().is_ok(),
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn described() -> Description {
        let key = json!({"type": "object", "required": ["title"], "properties": {
            "title": {"type": "string"}, "id": {"type": "integer"}, "since": {"type": "string", "format": "date-time"},
            "access": {"type": "string", "enum": ["read", "write"]}, "more": {"type": "array", "items": {"$ref": "#/definitions/Key"}},
        }});
        let body = json!({"name": "body", "in": "body", "schema": {"$ref": "#/definitions/Key"}});
        let document = json!({"basePath": "/api", "definitions": {"Key": key}, "paths": {
            "/keys": {
                "get": {
                    "parameters": [{"name": "page", "in": "query", "type": "integer"}],
                    "responses": {"200": {"schema": {"type": "array", "items": {"$ref": "#/definitions/Key"}}}},
                },
                "post": {"parameters": [body], "responses": {"201": {"schema": {"$ref": "#/definitions/Key"}}, "409": {}}},
            },
            "/keys/{id}": {"delete": {"responses": {"204": {}}}},
        }});
        let refusal =
            json!({"type": "object", "required": ["message"], "properties": {"message": {"type": "string"}}});
        Description { document, refusal, everywhere: &[401] }
    }

    fn places(method: &str, path: &str, asked: Value, status: u16, answered: Value) -> Vec<String> {
        let exchange =
            Exchange { method: method.to_owned(), path: format!("/api{path}"), asked, status, answered };
        let mut places: Vec<String> =
            described().judge(&exchange).into_iter().map(|found| found.place).collect();
        places.sort();
        places
    }

    #[test]
    fn what_is_described_is_allowed() {
        let key = || json!({"title": "a", "id": 1, "since": "2026-01-01T00:00:00Z", "access": "read", "more": null});
        let none: Vec<String> = Vec::new();
        assert_eq!(places("GET", "/keys?page=2", Value::Null, 200, json!([key(), key()])), none);
        assert_eq!(places("POST", "/keys", json!({"title": "a"}), 201, key()), none);
        assert_eq!(places("POST", "/keys", json!({"title": "a"}), 409, json!({"message": "taken"})), none);
        assert_eq!(places("DELETE", "/keys/a%2Fb", Value::Null, 204, Value::Null), none);
        assert_eq!(places("DELETE", "/keys/1", Value::Null, 401, json!({"message": "who?"})), none);
    }

    #[test]
    fn what_is_expected_of_answers_is_missed_there_only() {
        assert_eq!(
            described().expecting(&[("Key", "id name")]).unwrap_err().to_string(),
            "Key has no field name"
        );
        let described = described().expecting(&[("Key", "id access")]).unwrap();
        let body = json!({"title": "a"});
        let (method, path) = ("POST".to_owned(), "/api/keys".to_owned());
        let exchange = Exchange { method, path, asked: body.clone(), status: 201, answered: body };
        let found: Vec<String> = described.judge(&exchange).into_iter().map(|found| found.place).collect();
        assert_eq!(found, ["response.body.id", "response.body.access"]);
    }

    #[test]
    fn what_is_not_described_is_named() {
        let nothing = Value::Null;
        assert_eq!(places("PUT", "/keys", nothing.clone(), 200, nothing.clone()), ["request"]);
        assert_eq!(places("GET", "/locks", nothing.clone(), 200, nothing.clone()), ["request"]);
        let wrong = ["request.query.page", "request.query.size"];
        assert_eq!(places("GET", "/keys?page=two&size=1", nothing.clone(), 200, json!([])), wrong);
        let body = json!({"titel": "a", "access": "all", "since": "now"});
        let wrong = ["access", "since", "titel", "title"].map(|field| format!("request.body.{field}"));
        assert_eq!(places("POST", "/keys", body, 201, json!({"title": "a"})), wrong);
        assert_eq!(
            places("POST", "/keys", json!({"title": null}), 201, json!({"title": "a"})),
            ["request.body.title"]
        );
        assert_eq!(places("DELETE", "/keys/1", json!({}), 204, json!({})), ["request.body", "response.body"]);
        let answer = json!([{"title": "a", "more": [{"id": "one"}]}]);
        let wrong = ["response.body.0.more.0.id", "response.body.0.more.0.title"];
        assert_eq!(places("GET", "/keys", nothing.clone(), 200, answer), wrong);
        assert_eq!(places("GET", "/keys", nothing.clone(), 418, json!({"message": ""})), ["response.status"]);
        assert_eq!(places("GET", "/keys", nothing.clone(), 401, json!({})), ["response.body.message"]);
        assert_eq!(places("GET", "/keys", nothing.clone(), 200, nothing), ["response.body"]);
    }
}
