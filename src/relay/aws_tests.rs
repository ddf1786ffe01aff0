//! Whole logins, with the driver's, the server's and JavaScript's parts played.

use mongodb::bson::RawDocument;
use tokio::io::{AsyncWriteExt, DuplexStream, duplex};

use super::*;
use crate::login_questions::Answer;

const LIMIT: Duration = Duration::from_secs(5);

/// What the driver sends and gets; what the server gets and sends; what JavaScript is asked and answers.
struct Stage {
    driver: DuplexStream,
    server: DuplexStream,
    questions: Arc<LoginQuestions>,
    login: Arc<Login>,
    conducting: tokio::task::JoinHandle<io::Result<bool>>,
}

impl Stage {
    fn new() -> Self {
        let questions = Arc::new(LoginQuestions::default());
        Self::with(Arc::new(Login::new(Arc::clone(&questions), LIMIT)), questions)
    }

    fn with(login: Arc<Login>, questions: Arc<LoginQuestions>) -> Self {
        let ((driver, mut client), (server, mut upstream)) = (duplex(4096), duplex(4096));
        let conducting = tokio::spawn({
            let login = Arc::clone(&login);
            async move { login.conduct(&mut client, &mut upstream, |_| {}).await }
        });
        Self { driver, server, questions, login, conducting }
    }

    async fn send(&mut self, command: &Document) {
        Message::command(command).expect("small").write(&mut self.driver).await.expect("open");
    }

    async fn received(&mut self) -> Document {
        document(&mut self.driver).await
    }

    async fn asked(&mut self) -> Document {
        document(&mut self.server).await
    }

    async fn says(&mut self, answer: &Document) {
        Message::command(answer).expect("small").write(&mut self.server).await.expect("open");
    }

    async fn greet(&mut self) {
        self.send(&doc! { "hello": 1 }).await;
        assert_eq!(self.asked().await, doc! { "hello": 1 });
        self.says(&doc! { "ok": 1, "isWritablePrimary": true }).await;
        assert_eq!(self.received().await, doc! { "ok": 1, "isWritablePrimary": true });
    }

    /// Goes on until the server has sent this challenge for the client's nonce.
    async fn challenged(&mut self, challenge: impl Fn(Vec<u8>) -> Document) {
        self.greet().await;
        self.send(&plain()).await;
        let start = self.asked().await;
        let first: Document =
            deserialize_from_slice(start.get_binary_generic("payload").expect("one")).expect("BSON");
        let nonce = first.get_binary_generic("r").expect("a nonce").clone();
        let payload = payload(&challenge(nonce)).expect("small");
        self.says(&doc! { "ok": 1, "conversationId": 3, "done": false, "payload": payload }).await;
    }

    async fn question(&self) -> Document {
        let question = self.questions.next().await.expect("one");
        Document::try_from(RawDocument::from_bytes(&question).expect("BSON")).expect("valid")
    }

    fn answer(&self, question: &Document, answer: Document) {
        let answer = doc! { "id": question.get_i64("id").expect("a number"), "answer": answer };
        let bytes = serialize_to_vec(&answer).expect("small");
        self.questions.answer(Answer::read(&bytes).expect("valid"));
    }
}

async fn document(stream: &mut DuplexStream) -> Document {
    Message::read(stream, |_| {}).await.expect("whole").expect("one").document().expect("a document")
}

fn plain() -> Document {
    doc! {
        "saslStart": 1, "mechanism": "PLAIN", "payload": binary(b"\0of-aws\0of-aws".to_vec()),
        "$db": "$external", "apiVersion": "1"
    }
}

fn right(nonce: Vec<u8>) -> Document {
    doc! { "s": binary([nonce, vec![7; NONCE]].concat()), "h": "sts.amazonaws.com" }
}

fn signature() -> Document {
    doc! { "signature": { "authorization": "signed", "date": "today", "token": "of it" } }
}

#[tokio::test]
async fn the_driver_gets_the_servers_last_word_and_the_server_nothing_of_the_stand_in() {
    let mut stage = Stage::new();
    stage.greet().await;
    stage.send(&plain()).await;
    let mut start = stage.asked().await;
    let payload = start.remove("payload").expect("one");
    assert_eq!(
        start,
        doc! { "saslStart": 1, "mechanism": "MONGODB-AWS", "$db": "$external", "apiVersion": "1" }
    );
    assert!(!format!("{payload:?}").contains(STAND_IN));
    let Bson::Binary(Binary { bytes, .. }) = payload else { panic!("{payload:?}") };
    let first: Document = deserialize_from_slice(&bytes).expect("BSON");
    let nonce = first.get_binary_generic("r").expect("a nonce").clone();
    assert_eq!((nonce.len(), first.get_i32("p").ok()), (NONCE, Some(NO_CHANNEL_BINDING)));
    let challenge = super::payload(&right(nonce.clone())).expect("small");
    stage.says(&doc! { "ok": 1.0, "conversationId": 3, "done": false, "payload": challenge }).await;

    let question = stage.question().await;
    assert_eq!(question.get_str("host").ok(), Some("sts.amazonaws.com"));
    assert_eq!(
        question.get_str("nonce").ok(),
        Some(STANDARD.encode([nonce, vec![7; NONCE]].concat()).as_str())
    );
    assert_eq!(question.get_bool("again").ok(), Some(false));
    stage.answer(&question, signature());

    let go_on = stage.asked().await;
    assert_eq!(
        go_on,
        doc! {
            "saslContinue": 1, "conversationId": 3,
            "payload": super::payload(&doc! { "a": "signed", "d": "today", "t": "of it" }).expect("small"),
            "$db": "$external", "apiVersion": "1"
        }
    );
    let last = doc! { "ok": 1, "conversationId": 3, "done": true, "payload": binary(Vec::new()) };
    stage.says(&last).await;
    assert_eq!(stage.received().await, last);
    assert!(stage.conducting.await.expect("no panic").expect("open"));
}

#[tokio::test]
async fn a_refusal_is_the_servers_and_the_next_login_asks_for_other_credentials() {
    let mut stage = Stage::new();
    stage.challenged(right).await;
    let question = stage.question().await;
    stage.answer(&question, signature());
    stage.asked().await;
    let refusal = doc! { "ok": 0, "code": 18, "errmsg": "Authentication failed." };
    stage.says(&refusal).await;
    assert_eq!(stage.received().await, refusal);

    let mut next = Stage::with(Arc::clone(&stage.login), Arc::clone(&stage.questions));
    next.challenged(right).await;
    assert_eq!(next.question().await.get_bool("again").ok(), Some(true));
}

#[tokio::test]
async fn what_is_no_challenge_is_not_signed() {
    for wrong in [
        |nonce: Vec<u8>| doc! { "s": binary(nonce), "h": "sts.amazonaws.com" },
        |nonce| doc! { "s": binary([vec![7; NONCE], nonce].concat()), "h": "sts.amazonaws.com" },
        |nonce| doc! { "s": binary([nonce, vec![7; NONCE]].concat()), "h": "sts..com" },
        |nonce| doc! { "s": binary([nonce, vec![7; NONCE]].concat()), "h": "sts\n.com" },
        |nonce| doc! { "s": binary([nonce, vec![7; NONCE]].concat()), "h": "" },
        |nonce| doc! { "s": binary([nonce, vec![7; NONCE]].concat()), "h": "a".repeat(256) },
        |nonce| doc! { "s": binary([nonce, vec![7; NONCE]].concat()) },
        |_| doc! {},
    ] {
        let mut stage = Stage::new();
        stage.challenged(wrong).await;
        let refusal = stage.received().await;
        assert_eq!(
            (refusal.get_i32("ok").ok(), refusal.get_i32("code").ok()),
            (Some(0), Some(-1)),
            "{refusal}"
        );
        assert!(stage.conducting.await.expect("no panic").expect("open"));
    }
}

#[tokio::test]
async fn credentials_that_there_are_not_fail_the_login_with_the_reason() {
    for (kind, code) in [("failed", -2), ("missing", -3)] {
        let mut stage = Stage::new();
        stage.challenged(right).await;
        let question = stage.question().await;
        stage.answer(&question, doc! { "failure": { "kind": kind, "message": "not today" } });
        let refusal = stage.received().await;
        assert_eq!(
            (refusal.get_i32("code").ok(), refusal.get_str("errmsg").ok()),
            (Some(code), Some("not today"))
        );
    }
}

#[tokio::test]
async fn a_connection_that_does_not_log_in_is_passed_on() {
    let mut stage = Stage::new();
    stage.greet().await;
    stage.send(&doc! { "hello": 1, "maxAwaitTimeMS": 10_000 }).await;
    assert_eq!(stage.asked().await, doc! { "hello": 1, "maxAwaitTimeMS": 10_000 });
    assert!(stage.conducting.await.expect("no panic").expect("open"));
}

#[tokio::test]
async fn an_end_of_either_side_is_the_end() {
    let mut stage = Stage::new();
    stage.greet().await;
    drop(stage.driver);
    assert!(!stage.conducting.await.expect("no panic").expect("no fault of the server"));

    let mut stage = Stage::new();
    stage.greet().await;
    drop(stage.server);
    assert!(!stage.conducting.await.expect("no panic").expect("no fault, as it was not asked"));

    let mut stage = Stage::new();
    stage.challenged(right).await;
    let question = stage.question().await;
    stage.answer(&question, signature());
    stage.asked().await;
    drop(stage.server);
    let error = stage.conducting.await.expect("no panic").expect_err("no answer");
    assert_eq!(error.kind(), io::ErrorKind::UnexpectedEof);
}

#[tokio::test]
async fn a_server_that_speaks_unasked_is_none() {
    let mut stage = Stage::new();
    stage.greet().await;
    stage.server.write_all(b"HTTP/1.1 400").await.expect("open");
    let error = stage.conducting.await.expect("no panic").expect_err("nonsense");
    assert_eq!(error.kind(), io::ErrorKind::InvalidData);
}

#[tokio::test(start_paused = true)]
async fn everything_ends_in_its_time() {
    let mut stage = Stage::new();
    stage.greet().await;
    stage.send(&plain()).await;
    let error = stage.conducting.await.expect("no panic").expect_err("no challenge");
    assert_eq!(error.kind(), io::ErrorKind::TimedOut);

    let mut stage = Stage::new();
    stage.challenged(right).await;
    let refusal = stage.received().await;
    assert_eq!(refusal.get_str("errmsg").ok(), Some("no credentials of AWS within 5000 ms"));
}

#[tokio::test]
async fn a_client_that_gives_up_a_silent_server_leaves_nothing_behind() {
    for greeted in [false, true] {
        let mut stage = Stage::new();
        if greeted {
            stage.greet().await;
            stage
                .send(&doc! { "saslStart": 1, "mechanism": "PLAIN", "payload": "", "$db": "$external" })
                .await;
        } else {
            stage.send(&doc! { "hello": 1 }).await;
        }
        stage.asked().await;
        drop(stage.driver);
        let ended =
            tokio::time::timeout(LIMIT / 2, stage.conducting).await.expect("in time").expect("no panic");
        assert!(!ended.expect("no error of the server"), "greeted: {greeted}");
    }
}
