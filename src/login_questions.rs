//! What logins ask JavaScript for: tokens and signatures, which come of the application's own functions and packages.
//!
//! JavaScript waits for the next question as it waits for a change of the servers ([`LoginQuestions::next`]), and answers
//! under the question's number ([`LoginQuestions::answer`]). Whoever gives up asking takes the question back.

use std::collections::{HashMap, VecDeque};
use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use mongodb::bson::{Document, RawDocument, deserialize_from_slice, serialize_to_vec};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use tokio::sync::{Notify, oneshot};

use crate::error::Error;

/// What JavaScript says to a question. It may be a secret: nothing of it is printed or quoted.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Answer {
    id: i64,
    answer: Document,
}

impl fmt::Debug for Answer {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Answer").field("id", &self.id).finish_non_exhaustive()
    }
}

fn malformed() -> Error {
    Error::internal("malformed answer to a question of a login")
}

impl Answer {
    /// Reads a request.
    ///
    /// # Errors
    /// When it is malformed. The message never quotes what is in it.
    pub fn read(payload: &[u8]) -> Result<Self, Error> {
        let document = RawDocument::from_bytes(payload).map_err(|_| malformed())?;
        deserialize_from_slice(document.as_bytes()).map_err(|_| malformed())
    }

    /// What is in it.
    ///
    /// # Errors
    /// When that is something else. The message never quotes it.
    pub fn contents<T: DeserializeOwned>(self) -> Result<T, Error> {
        mongodb::bson::deserialize_from_document(self.answer).map_err(|_| malformed())
    }
}

/// The questions of one pool.
#[derive(Debug, Default)]
pub struct LoginQuestions {
    questions: Mutex<Questions>,
    asked: Notify,
}

#[derive(Debug, Default)]
struct Questions {
    last: i64,
    /// Not handed to JavaScript yet.
    waiting: VecDeque<(i64, Document)>,
    /// Where the answers go, by the question's number.
    open: HashMap<i64, oneshot::Sender<Answer>>,
}

impl LoginQuestions {
    fn questions(&self) -> MutexGuard<'_, Questions> {
        self.questions.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Asks, and waits for the answer; none where it does not come in time.
    pub async fn ask(&self, mut question: Document, timeout: Duration) -> Option<Answer> {
        let (sender, receiver) = oneshot::channel();
        let question = {
            let mut questions = self.questions();
            questions.last += 1;
            let id = questions.last;
            question.insert("id", id);
            question.insert("timeoutMS", i64::try_from(timeout.as_millis()).unwrap_or(i64::MAX));
            questions.waiting.push_back((id, question));
            questions.open.insert(id, sender);
            Question { asked: self, id }
        };
        self.asked.notify_one();
        let answer = tokio::time::timeout(timeout, receiver).await;
        drop(question);
        answer.ok()?.ok()
    }

    /// Waits for the next question: BSON with `id` and `timeoutMS`, and what the asking login has put beside them.
    ///
    /// # Errors
    /// When it cannot be written, which does not happen.
    pub async fn next(&self) -> Result<Vec<u8>, Error> {
        loop {
            let asked = self.asked.notified();
            if let Some((_, question)) = self.questions().waiting.pop_front() {
                // Another one may wait for the next question: a notification wakes one who waits, and no more.
                self.asked.notify_one();
                return serialize_to_vec(&question).map_err(|error| Error::internal(error.to_string()));
            }
            asked.await;
        }
    }

    /// Answers a question; one that nobody asks any more is forgotten.
    pub fn answer(&self, answer: Answer) {
        if let Some(sender) = self.questions().open.remove(&answer.id) {
            // An error says that the login has been given up meanwhile.
            drop(sender.send(answer));
        }
    }
}

/// A question that is taken back when nobody waits for its answer any more.
struct Question<'a> {
    asked: &'a LoginQuestions,
    id: i64,
}

impl Drop for Question<'_> {
    fn drop(&mut self) {
        let mut questions = self.asked.questions();
        questions.open.remove(&self.id);
        questions.waiting.retain(|(id, _)| *id != self.id);
    }
}

#[cfg(test)]
mod tests {
    use mongodb::bson::doc;

    use super::*;

    const TIME: Duration = Duration::from_secs(5);

    fn answer(document: &Document) -> Answer {
        Answer::read(&serialize_to_vec(document).expect("valid")).expect("an answer")
    }

    async fn next_id(asked: &LoginQuestions) -> i64 {
        let question = asked.next().await.expect("a question");
        RawDocument::from_bytes(&question).expect("valid").get_i64("id").expect("a number")
    }

    #[tokio::test]
    async fn questions_are_answered_by_their_numbers() {
        let asked = LoginQuestions::default();
        let answers = async {
            let (one, other) = (next_id(&asked).await, next_id(&asked).await);
            asked.answer(answer(&doc! { "id": other, "answer": { "of": "the other" } }));
            asked.answer(answer(&doc! { "id": one, "answer": { "of": "the one" } }));
            // Nobody asks this.
            asked.answer(answer(&doc! { "id": 99_i64, "answer": {} }));
        };
        let (one, other, ()) = tokio::join!(asked.ask(doc! {}, TIME), asked.ask(doc! {}, TIME), answers);
        let of = |answer: Option<Answer>| answer.expect("an answer").contents::<Document>().expect("it");
        assert_eq!(of(one), doc! { "of": "the one" });
        assert_eq!(of(other), doc! { "of": "the other" });
    }

    #[tokio::test]
    async fn a_question_that_is_given_up_is_taken_back() {
        let asked = LoginQuestions::default();
        assert!(asked.ask(doc! {}, Duration::ZERO).await.is_none());
        assert!(asked.questions().waiting.is_empty() && asked.questions().open.is_empty());
    }

    #[test]
    fn what_is_malformed_is_refused_and_an_answer_is_never_shown() {
        let wrong = serialize_to_vec(&doc! { "id": "hunter2" }).expect("valid");
        assert!(!Answer::read(&wrong).expect_err("no number").message.contains("hunter2"));
        let read = answer(&doc! { "id": 1_i64, "answer": { "token": "hunter2" } });
        assert!(!format!("{read:?}").contains("hunter2"));
        let error = read.contents::<std::collections::HashMap<String, bool>>().expect_err("a text");
        assert!(!error.message.contains("hunter2"));
    }
}
