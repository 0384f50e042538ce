//! What the refusals of Bitbucket Server mean. Both a missing permission and an invalid token are 401 there.

use crate::forge::ForgeError;
use crate::forge::api::Dialect;
use crate::forge::api::Refusal;
use crate::net;
use http::Method;

/// The permissions that the token needs.
pub(super) const RIGHTS: &str = "the permissions project admin and repository admin";
pub(super) const DIALECT: Dialect = Dialect { wait: net::retry_after, meaning };

fn meaning(refusal: &Refusal<'_>) -> Option<ForgeError> {
    let doing = || refusal.doing.to_owned();
    let says = |words: &str| refusal.reason.to_lowercase().contains(words);
    let posts = |path: &str| *refusal.method == Method::POST && refusal.path.ends_with(path);
    match refusal.status {
        409 if posts("/repos") => Some(ForgeError::NameTaken { doing: doing() }),
        409 if posts("/ssh") => Some(ForgeError::KeyInUse { doing: doing() }),
        409 if posts("/pull-requests") && says("only one pull request") => {
            Some(ForgeError::RequestExists { doing: doing() })
        }
        401 | 403 if refusal.status == 403 || says("permi") => Some(refusal.denied(
            format!("not allowed: {}", refusal.reason),
            format!("the token and its account need {RIGHTS}"),
        )),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::forge::Remedies;
    use crate::forge::api::check;
    use crate::forge::connection::Answer;
    use http::HeaderMap;
    use http::StatusCode;

    fn refused(status: u16, path: &str, body: &str) -> ForgeError {
        let status = StatusCode::from_u16(status).unwrap();
        let answer = Answer { status, headers: HeaderMap::new(), body: body.into() };
        check(&DIALECT, ("asking", &Method::POST, path), answer).err().unwrap()
    }

    #[test]
    fn a_missing_permission_is_told_from_a_token_that_is_not_accepted() {
        let body = r#"{"errors":[{"context":null,"message":"You are not permitted to access this resource","exceptionName":"x"}]}"#;
        let denied = refused(401, "/api/1.0/projects/ACME/repos", body);
        assert!(denied.hint(&Remedies::NONE).unwrap().contains("permission"), "{denied}");
        let body = r#"{"errors":[{"message":"Authentication failed. Please check your credentials and try again."}]}"#;
        assert!(matches!(refused(401, "/x", body), ForgeError::Unauthorized { .. }));
    }

    #[test]
    fn conflicts_are_told_apart_by_what_was_to_be_made() {
        assert!(matches!(refused(409, "/api/1.0/projects/ACME/repos", "{}"), ForgeError::NameTaken { .. }));
        assert!(matches!(
            refused(409, "/keys/1.0/projects/A/repos/r/ssh", "{}"),
            ForgeError::KeyInUse { .. }
        ));
    }
}
