//! `mongodb+srv`: what DNS says of the servers.
//!
//! DNS is asked by JavaScript, with Node's own name service: so the name servers that the application chose count
//! (`dns.setServers`), and names are asked for exactly as they stand. A pool that needs an answer puts a question; every
//! JavaScript realm that has the pool open hears of it and asks, and the first answer counts.
//!
//! Steps:
//! 1. When a realm opens a client, it waits for a question ([`next`]).
//! 2. [`NameService::resolve`], or later [`NameService::ask_again`], puts one, and waits.
//! 3. The realm asks DNS, brings what it says ([`NameService::answer`]), and waits for the next question.
//!
//! Each question has a number, so that an answer to an earlier one is not taken for one to the last, and a realm that
//! comes late hears of a question that is open.

use std::sync::Arc;
use std::time::Duration;

use serde::Deserialize;
use tokio::sync::watch;

use crate::error::{Error, ErrorKind};
use crate::settings::{Host, Srv};

/// What stands in DNS, already checked.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Records {
    /// The servers.
    pub hosts: Vec<Host>,
    /// Of the TXT record: the database with the user.
    pub auth_source: Option<String>,
    /// Of the TXT record.
    pub replica_set: Option<String>,
    /// Of the TXT record.
    pub load_balanced: Option<bool>,
    /// When the hosts may be others.
    #[serde(rename = "askAgainMS")]
    pub ask_again_ms: Option<u64>,
}

/// What is asked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Question {
    number: u32,
    /// For the hosts alone: foreign ones are left out, and there may be none.
    again: bool,
}

impl Question {
    /// The form in which JavaScript gets it: the number (u32, little endian), and 1 for what is asked again.
    pub fn to_bytes(self) -> Vec<u8> {
        [self.number.to_le_bytes().as_slice(), &[u8::from(self.again)]].concat()
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
enum Answer {
    Records(Records),
    Failure(Failure),
}

/// Why there are no records.
#[derive(Deserialize)]
struct Failure {
    kind: FailureKind,
    code: Option<String>,
    message: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
enum FailureKind {
    /// The name service failed.
    System,
    /// The records are not those of a deployment.
    Api,
    /// The TXT record says what it may not.
    Parse,
}

impl From<Failure> for Error {
    fn from(failure: Failure) -> Self {
        let kind = match failure.kind {
            FailureKind::System => ErrorKind::System,
            FailureKind::Api => ErrorKind::Api,
            FailureKind::Parse => ErrorKind::Parse,
        };
        Error { system: failure.code.map(Into::into), ..Error::new(kind, failure.message) }
    }
}

type Answered = Option<(u32, Result<Arc<Records>, Error>)>;

/// A pool's questions to JavaScript.
#[derive(Debug)]
pub struct NameService {
    /// The last question; they are counted.
    asked: watch::Sender<Question>,
    answered: watch::Sender<Answered>,
}

impl Default for NameService {
    fn default() -> Self {
        Self { asked: watch::Sender::default(), answered: watch::Sender::new(None) }
    }
}

impl NameService {
    /// Asks what DNS says of `srv`.
    ///
    /// # Errors
    /// As the Node driver's: of the name service, or of what may stand in the records. `ETIMEOUT` when nobody answers
    /// within `limit`.
    pub async fn resolve(&self, srv: &Srv, limit: Duration) -> Result<Arc<Records>, Error> {
        self.ask(srv, limit, false).await
    }

    /// Asks for the hosts of `srv` that are there now, none perhaps, in random order.
    ///
    /// # Errors
    /// As [`NameService::resolve`].
    pub async fn ask_again(&self, srv: &Srv, limit: Duration) -> Result<Arc<Records>, Error> {
        self.ask(srv, limit, true).await
    }

    async fn ask(&self, srv: &Srv, limit: Duration, again: bool) -> Result<Arc<Records>, Error> {
        let mut answers = self.answered.subscribe();
        let mut question = 0;
        self.asked.send_modify(|asked| {
            *asked = Question { number: asked.number.wrapping_add(1), again };
            question = asked.number;
        });
        let answer =
            answers.wait_for(|answered| matches!(answered, Some((number, _)) if *number == question));
        match tokio::time::timeout(limit, answer).await {
            Ok(Ok(answered)) => match &*answered {
                Some((_, result)) => result.clone(),
                None => Err(no_answer(srv)),
            },
            Ok(Err(_)) | Err(_) => Err(no_answer(srv)),
        }
    }

    /// For waiting until there is a question that is not the `last` one that was heard of.
    pub fn questions(&self) -> watch::Receiver<Question> {
        self.asked.subscribe()
    }

    /// Takes the answer to a question, in JSON.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn answer(&self, question: u32, json: &[u8]) -> Result<(), Error> {
        let answer = serde_json::from_slice(json).map_err(|_| Error::internal("malformed answer of DNS"))?;
        let result = match answer {
            Answer::Records(records) => Ok(Arc::new(records)),
            Answer::Failure(failure) => Err(failure.into()),
        };
        // The first one counts, and none to an earlier question.
        self.answered.send_if_modified(|answered| {
            let open = self.asked.borrow().number == question
                && answered.as_ref().is_none_or(|(number, _)| *number != question);
            if open {
                *answered = Some((question, result));
            }
            open
        });
        Ok(())
    }
}

/// Waits for a question whose number is not `last`.
///
/// # Errors
/// When the pool is gone.
pub async fn next(mut questions: watch::Receiver<Question>, last: u32) -> Result<Question, Error> {
    let question =
        questions.wait_for(|asked| asked.number != last).await.map_err(|_| Error::not_connected())?;
    Ok(*question)
}

fn no_answer(srv: &Srv) -> Error {
    let service = srv.service_name.as_deref().unwrap_or("mongodb");
    Error::system("ETIMEOUT", format!("querySrv ETIMEOUT _{service}._tcp.{}", srv.host))
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMIT: Duration = Duration::from_secs(5);

    fn srv() -> Srv {
        Srv { host: "db.example.com".into(), service_name: Some("shop".into()), max_hosts: None }
    }

    /// Resolves with `answers`, which are given once the question is there.
    async fn resolved(names: &NameService, answers: &[(u32, &str)]) -> Result<Arc<Records>, Error> {
        let answering = async {
            let last = answers.iter().map(|(question, _)| *question).min().unwrap_or(1) - 1;
            next(names.questions(), last).await.expect("asked");
            for (question, json) in answers {
                names.answer(*question, json.as_bytes()).expect("well-formed");
            }
        };
        let srv = srv();
        tokio::join!(names.resolve(&srv, LIMIT), answering).0
    }

    #[tokio::test]
    async fn what_javascript_found_is_the_answer() {
        let json = r#"{"records":{"hosts":[{"host":"a","port":5}],"replicaSet":"rs"}}"#;
        let names = NameService::default();
        let records = resolved(&names, &[(1, json)]).await.expect("found");
        assert_eq!(records.hosts[0].to_string(), "a:5");
        assert_eq!(records.replica_set.as_deref(), Some("rs"));
    }

    #[tokio::test]
    async fn the_first_answer_to_the_last_question_counts() {
        let names = NameService::default();
        let failure =
            |code: &str| format!(r#"{{"failure":{{"kind":"system","code":"{code}","message":"no"}}}}"#);
        let [one, two, three] = ["ESERVFAIL", "ENOTFOUND", "EREFUSED"].map(failure);
        resolved(&names, &[(1, &one)]).await.expect_err("failed");
        let error = resolved(&names, &[(1, &one), (2, &two), (2, &three)]).await.expect_err("failed");
        assert_eq!((error.kind, error.system.as_deref()), (ErrorKind::System, Some("ENOTFOUND")));
    }

    #[tokio::test]
    async fn a_name_service_that_does_not_answer_is_not_waited_for() {
        let error = NameService::default().resolve(&srv(), Duration::ZERO).await.expect_err("no time");
        assert_eq!(error.system.as_deref(), Some("ETIMEOUT"));
        assert_eq!(error.message, "querySrv ETIMEOUT _shop._tcp.db.example.com");
    }

    #[tokio::test]
    async fn a_question_that_is_asked_again_says_so() {
        let (names, srv) = (NameService::default(), srv());
        let asked = async {
            let question = next(names.questions(), 0).await.expect("asked");
            names.answer(1, br#"{"records":{"hosts":[],"askAgainMS":5}}"#).expect("well-formed");
            question.to_bytes()
        };
        let (records, asked) = tokio::join!(names.ask_again(&srv, LIMIT), asked);
        assert_eq!(asked, [1, 0, 0, 0, 1]);
        let records = records.expect("answered");
        assert_eq!((records.hosts.len(), records.ask_again_ms), (0, Some(5)));
    }

    #[test]
    fn an_answer_that_cannot_be_read_is_an_error() {
        assert!(NameService::default().answer(1, b"{}").is_err());
    }
}
