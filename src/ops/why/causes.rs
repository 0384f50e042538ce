//! From what objects say about themselves to a cause: rows of a table, tried in their order.

use super::chain::Cause;
use super::recogniser::Fact;
use super::table::recognisers;
use crate::api::ObjectId;
use crate::api::object;
use crate::kind;
use crate::text::first_line;
use serde_json::Value;

/// The first row that one of the facts fits.
pub fn recognise(facts: &[Fact<'_>], program: &str) -> Option<Cause> {
    recognisers().find_map(|row| {
        let fact = facts.iter().find(|fact| row.knows(fact))?;
        Some(fact.cause(row.code, row.says, row.next, program))
    })
}

impl<'a> Fact<'a> {
    /// A cause at the fact's object.
    pub fn cause(&self, code: &str, says: &str, next: &str, program: &str) -> Cause {
        Cause {
            id: ObjectId::of(self.object),
            code: code.to_owned(),
            message: self.filled(says, program),
            next: self.filled(next, program),
        }
    }

    fn at(&self, pointer: &str) -> &'a str {
        object::text(self.object, pointer)
    }

    /// Fills `{places}`: `it` is the object, `name`, `ns` and `noun` how it is called on the command line, `plural` how its kind is in lists, `message` what was reported, `url`,
    /// `ref`, `path`, `credentials`, `certificate`, `lacking` and `source` what its spec says, `end` the end of the message, `object` what it begins with, and `{'text}` is what follows this text in the message, up to a quote, a comma or a blank.
    fn filled(&self, template: &str, program: &str) -> String {
        let mut text = String::new();
        let mut rest = template;
        while let Some((before, after)) = rest.split_once('{') {
            let (place, further) = after.split_once('}').unwrap_or((after, ""));
            text.push_str(before);
            text.push_str(&self.value(place, program));
            rest = further;
        }
        text + rest
    }

    /// The object that the message begins with, `Kind/namespace/name`, or that Helm failed for, else the fact's own, as kubectl takes it.
    fn applied(&self) -> String {
        let word = self.message.split(' ').next().unwrap_or_default();
        match word.split('/').collect::<Vec<_>>()[..] {
            [kind, namespace, name] if kind.starts_with(|c: char| c.is_ascii_uppercase()) => {
                format!("-n {namespace} {kind}/{name}")
            }
            [kind, name] if kind.starts_with(|c: char| c.is_ascii_uppercase()) => format!("{kind}/{name}"),
            _ => released(self.message).unwrap_or_else(|| {
                format!(
                    "-n {} {}/{}",
                    self.at("/metadata/namespace"),
                    self.at("/kind"),
                    self.at("/metadata/name")
                )
            }),
        }
    }

    /// The Secret that a client certificate is in, or would be.
    fn certificate_secret(&self) -> &'a str {
        match self.at("/spec/certSecretRef/name") {
            "" => self.at("/spec/secretRef/name"),
            secret => secret,
        }
    }

    fn value(&self, place: &str, program: &str) -> String {
        if let Some(before) = place.strip_prefix('\'') {
            return following(self.message, before);
        }
        match place {
            "program" => program.to_owned(),
            "it" => ObjectId::of(self.object).to_string(),
            "name" => self.at("/metadata/name").to_owned(),
            "ns" => self.at("/metadata/namespace").to_owned(),
            "noun" => kind::by_name(self.at("/kind")).map(|kind| kind.noun.one.join(" ")).unwrap_or_default(),
            "plural" => {
                kind::by_name(self.at("/kind")).map(|kind| kind.noun.many.join(" ")).unwrap_or_default()
            }
            "kind" => self.at("/kind").to_owned(),
            "message" => first_line(self.message).trim_end_matches('.').to_owned(),
            "end" => end(&first_line(self.message)).trim_end_matches('.').to_owned(),
            "object" => self.applied(),
            "url" => address(self.object),
            "ref" => reference(self.object),
            "path" => self.at("/spec/path").to_owned(),
            "secret" => self.at("/spec/secretRef/name").to_owned(),
            "credentials" => match self.at("/spec/secretRef/name") {
                "" => "access without credentials, or does not exist".to_owned(),
                secret => format!("the credentials in the Secret \"{secret}\""),
            },
            "certificate" => match self.certificate_secret() {
                "" => "access without a client certificate".to_owned(),
                secret => format!("the client certificate in the Secret \"{secret}\""),
            },
            "lacking" => match self.certificate_secret() {
                "" => String::new(),
                secret => format!(", which the Secret \"{secret}\" lacks"),
            },
            "chart" => match self.at("/spec/chart/spec/chart") {
                "" => self.at("/spec/chart").to_owned(),
                chart => chart.to_owned(),
            },
            "version" => match self.at("/spec/chart/spec/version") {
                "" => self.at("/spec/version").to_owned(),
                version => version.to_owned(),
            },
            "source" => source(self.object),
            // Braces that are part of a command stay.
            other => format!("{{{other}}}"),
        }
    }
}

/// The object in a message of Helm, `… for object <namespace>/<name> <group>/<version>, Kind=<kind>: …`.
fn released(message: &str) -> Option<String> {
    let (_, after) = message.split_once(" for object ")?;
    let (address, after) = after.split_once(' ')?;
    let (_, after) = after.split_once(", Kind=")?;
    let kind = after.split([':', ' ']).next()?;
    Some(match address.split_once('/') {
        Some((namespace, name)) if !namespace.is_empty() => format!("-n {namespace} {kind}/{name}"),
        _ => format!("{kind}/{}", address.trim_start_matches('/')),
    })
}

/// What follows the last quoted thing: what controllers put before it only says what they were doing.
fn end(message: &str) -> &str {
    // source-controller leaves an encoded quote behind an address whose query it takes out.
    let ends = ["': ", "\": ", "%22: "]
        .into_iter()
        .filter_map(|quote| message.rfind(quote).map(|at| at + quote.len()));
    ends.max().map_or(message, |at| &message[at..])
}

/// What follows a text in a message, up to the end of the word.
fn following(message: &str, before: &str) -> String {
    let Some((_, after)) = message.split_once(before) else { return String::new() };
    after.split(['"', '\'', '`', ',', ' ', '\n', ')']).next().unwrap_or_default().to_owned()
}

fn source(object: &Value) -> String {
    let kind = kind::by_name(object::kind(object));
    kind.and_then(|kind| (kind.source)(object)).map(|found| found.to_string()).unwrap_or_default()
}

/// What a GitRepository, an OCIRepository or an automation is to take, such as `branch main`.
fn reference(object: &Value) -> String {
    let places = ["/spec/ref", "/spec/git/checkout/ref"];
    let wanted = places.iter().find_map(|place| object.pointer(place)?.as_object());
    for name in ["commit", "name", "digest", "semver", "tag", "branch"] {
        if let Some(value) = wanted.and_then(|wanted| wanted.get(name)).and_then(Value::as_str) {
            return format!("{name} \"{value}\"");
        }
    }
    "branch \"master\"".to_owned()
}

/// Where something is fetched from: an address, an image, or a bucket of an object store.
fn address(object: &Value) -> String {
    let text = |pointer: &str| object::text_if_set(object, pointer);
    if let Some(place) = text("/spec/url").or_else(|| text("/spec/image")) {
        return without_user(place);
    }
    match (text("/spec/bucketName"), text("/spec/endpoint")) {
        (Some(bucket), Some(endpoint)) => format!("the bucket \"{bucket}\" at {}", without_user(endpoint)),
        _ => source(object),
    }
}

/// An address that is safe to show.
fn without_user(url: &str) -> String {
    let Some((scheme, rest)) = url.split_once("://") else { return url.to_owned() };
    let end = rest.find('/').unwrap_or(rest.len());
    match rest[..end].rsplit_once('@') {
        // `git@` is part of the address and no secret.
        Some((user, host)) if user.contains(':') => format!("{scheme}://{host}{}", &rest[end..]),
        _ => url.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn places_are_filled_from_the_object_and_from_the_message() {
        let object = json!({"kind": "GitRepository", "metadata": {"name": "app", "namespace": "team"},
            "spec": {"url": "https://ada:secret@git.example.com/app", "ref": {"branch": "main"}}});
        let fact = Fact { object: &object, reason: "Failed", message: "secrets \"login\" not found." };
        let filled = fact.filled("{it} {noun} {url} {ref} {'secrets \"} {message} {program}", "fluxr");
        assert_eq!(
            filled,
            "GitRepository/team/app source git https://git.example.com/app branch \"main\" login secrets \"login\" not found fluxr"
        );
    }

    #[test]
    fn an_object_in_front_and_the_end_are_taken_out_of_a_message() {
        let own = json!({"kind": "Kustomization", "metadata": {"name": "app", "namespace": "team"}});
        let filled =
            |message: &str| Fact { object: &own, reason: "", message }.filled("{object} | {end}", "fluxr");
        assert_eq!(
            filled("Service/web/front dry-run failed: no"),
            "-n web Service/front | Service/web/front dry-run failed: no"
        );
        let helm = "Helm upgrade failed for release web/app with chart app@1.1.0: server-side apply failed for object web/map /v1, Kind=ConfigMap: no";
        assert!(filled(helm).starts_with("-n web ConfigMap/map | "));
        assert_eq!(filled("Namespace/web dry-run"), "Namespace/web | Namespace/web dry-run");
        let cloned = "unable to clone 'https://host/a': Get \"https://host/a\": tls: no.";
        assert_eq!(filled(cloned), "-n team Kustomization/app | tls: no");
    }

    #[test]
    fn what_has_no_url_is_fetched_from_its_image_its_bucket_or_its_source() {
        let bucket = json!({"spec": {"bucketName": "app", "endpoint": "s3.example.com"}});
        assert_eq!(address(&bucket), "the bucket \"app\" at s3.example.com");
        assert_eq!(address(&json!({"spec": {"image": "ghcr.io/acme/app"}})), "ghcr.io/acme/app");
        let chart = json!({"kind": "HelmChart", "metadata": {"namespace": "team"},
            "spec": {"sourceRef": {"kind": "HelmRepository", "name": "acme"}}});
        assert_eq!(address(&chart), "HelmRepository/team/acme");
    }

    #[test]
    fn every_kind_that_fetches_has_an_address() {
        let of = |kind: &str, spec: Value| {
            let object =
                json!({"kind": kind, "metadata": {"name": "app", "namespace": "team"}, "spec": spec});
            Fact { object: &object, reason: "", message: "" }.filled("{url}", "fluxr")
        };
        assert_eq!(of("HelmRepository", json!({"url": "https://a:b@charts/x"})), "https://charts/x");
        assert_eq!(of("ImageRepository", json!({"image": "r.example/app"})), "r.example/app");
        let automation = json!({"sourceRef": {"kind": "GitRepository", "name": "fleet"}});
        assert_eq!(of("ImageUpdateAutomation", automation), "GitRepository/team/fleet");
    }

    #[test]
    fn only_a_password_is_taken_out_of_an_address() {
        assert_eq!(without_user("ssh://git@host/app"), "ssh://git@host/app");
        assert_eq!(without_user("https://a:b@c@host:1/x@y"), "https://host:1/x@y");
        assert_eq!(without_user("git@host:app"), "git@host:app");
    }
}
