//! Tokens for `MONGODB-OIDC`: the driver asks for one when it logs in, and JavaScript gives it, where the application's
//! callbacks are.

use std::sync::Arc;
use std::time::{Duration, Instant};

use mongodb::bson::{Document, doc};
use mongodb::options::oidc::{Callback, CallbackContext, IdpServerResponse};
use serde::Deserialize;

use crate::error::{Error, ErrorKind};
use crate::login_questions::LoginQuestions;

/// The driver names no time for its callbacks beyond these, which are the driver specification's.
const DEFAULT_TIMEOUT: Duration = Duration::from_secs(60);

/// What JavaScript says to a question.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Token {
    access_token: Option<String>,
    expires_in_seconds: Option<f64>,
    refresh_token: Option<String>,
    /// Why there is no token.
    error: Option<String>,
}

impl Token {
    fn outcome(self) -> Result<IdpServerResponse, Error> {
        let Some(token) = self.access_token else {
            return Err(Error::new(ErrorKind::Oidc, self.error.unwrap_or_else(|| "no access token".into())));
        };
        let expires = self
            .expires_in_seconds
            .and_then(|seconds| Duration::try_from_secs_f64(seconds).ok())
            .and_then(|lifetime| Instant::now().checked_add(lifetime));
        Ok(IdpServerResponse::builder()
            .access_token(token)
            .expires(expires)
            .refresh_token(self.refresh_token)
            .build())
    }
}

/// What the driver calls when it needs a token: as for a person who may have to log in (`human`), or a machine.
pub fn callback(questions: &Arc<LoginQuestions>, human: bool) -> Callback {
    let questions = Arc::clone(questions);
    let asking = move |context: CallbackContext| {
        let questions = Arc::clone(&questions);
        Box::pin(async move { ask(&questions, context).await.map_err(mongodb::error::Error::custom) }) as _
    };
    if human { Callback::human(asking) } else { Callback::machine(asking) }
}

async fn ask(questions: &LoginQuestions, context: CallbackContext) -> Result<IdpServerResponse, Error> {
    let timeout =
        context.timeout.map_or(DEFAULT_TIMEOUT, |end| end.saturating_duration_since(Instant::now()));
    match questions.ask(described(&context), timeout).await {
        Some(answer) => answer.contents::<Token>()?.outcome(),
        None => Err(Error::new(
            ErrorKind::Oidc,
            format!("OIDC callback timed out after {}ms.", timeout.as_millis()),
        )),
    }
}

/// With `version` and, for a person, `idpInfo` and `refreshToken`.
fn described(context: &CallbackContext) -> Document {
    let mut question = doc! { "version": i64::from(context.version) };
    if let Some(token) = &context.refresh_token {
        question.insert("refreshToken", token);
    }
    if let Some(info) = &context.idp_info {
        let mut described = doc! { "issuer": &info.issuer };
        if let Some(client) = &info.client_id {
            described.insert("clientId", client);
        }
        if let Some(scopes) = &info.request_scopes {
            described.insert("requestScopes", scopes);
        }
        question.insert("idpInfo", described);
    }
    question
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outcome(document: Document) -> Result<IdpServerResponse, Error> {
        mongodb::bson::deserialize_from_document::<Token>(document).expect("valid").outcome()
    }

    #[test]
    fn an_answer_is_a_token_or_the_reason_why_there_is_none() {
        let given = outcome(doc! { "accessToken": "b", "expiresInSeconds": 60.0 }).expect("a token");
        assert_eq!(given.access_token, "b");
        assert!(given.expires.is_some());
        let error = outcome(doc! { "error": "not today" }).expect_err("refused");
        assert_eq!((error.kind, error.message.as_str()), (ErrorKind::Oidc, "not today"));
    }

    #[tokio::test]
    async fn a_token_that_does_not_come_is_an_error_in_its_time() {
        let late = CallbackContext::builder().version(1_u32).timeout(Instant::now()).build();
        let error = ask(&LoginQuestions::default(), late).await.expect_err("no time");
        assert_eq!(error.kind, ErrorKind::Oidc);
    }
}
