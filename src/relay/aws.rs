//! `MONGODB-AWS`, which the driver has only together with the whole AWS SDK: the relay logs in in its stead.
//!
//! The driver's options say that it logs in by `PLAIN`, with a name and a password that mean nothing ([`STAND_IN`]).
//! When it asks for that, its question stays here: the relay has the conversation of `MONGODB-AWS` with the server, and
//! gives the driver the server's last word for an answer. So the driver decides which connections log in and when, as
//! with any other mechanism, and the application sees what the server says of a refused login.
//!
//! 1. The driver's greeting goes to the server, and the answer back. The connections by which the driver watches
//!    servers do not log in: their second message is passed on, and so is everything after it.
//! 2. `saslStart` with 32 random bytes. The server answers with these and 32 of its own, and a host of AWS's Security
//!    Token Service.
//! 3. JavaScript signs a request to that host (`lib/connection/aws.js`). The account's secret stays there: what comes
//!    here is the signature, which is good for this server's bytes and for some minutes.
//! 4. `saslContinue` with it. The server has AWS say whose signature this is.
//!
//! <https://github.com/mongodb/specifications/blob/master/source/auth/auth.md#mongodb-aws>

use std::future::Future;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, SystemTime};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use mongodb::bson::spec::BinarySubtype;
use mongodb::bson::{Binary, Bson, Document, deserialize_from_slice, doc, serialize_to_vec};
use ring::rand::{SecureRandom, SystemRandom};
use serde::Deserialize;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite};

use super::message::Message;
use crate::error::{Error, ErrorKind, whole};
use crate::login_questions::LoginQuestions;

/// What the driver logs in as; never sent to a server.
pub const STAND_IN: &str = "of-aws";

const NONCE: usize = 32;
/// The letter n: no channel binding.
const NO_CHANNEL_BINDING: i32 = 110;
/// The specification's.
const LONGEST_HOST: usize = 255;

/// How the connections of a pool log in.
#[derive(Debug)]
pub struct Login {
    questions: Arc<LoginQuestions>,
    /// For the server's answers and the signature, each.
    limit: Duration,
    /// The server has refused the last signature: credentials that are remembered may be out of date.
    refused: AtomicBool,
}

/// What the server answers to the first message.
#[derive(Debug, Deserialize)]
struct Challenge {
    #[serde(rename = "s")]
    nonce: Binary,
    #[serde(rename = "h")]
    host: String,
}

/// What JavaScript says when it is asked to sign.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
enum Signed {
    Signature(Signature),
    Failure(Failure),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Signature {
    authorization: String,
    date: String,
    token: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Failure {
    kind: FailureKind,
    message: String,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "camelCase")]
enum FailureKind {
    /// Whoever was asked for credentials gave an error.
    Failed,
    /// There are none.
    Missing,
}

impl From<Failure> for Error {
    fn from(Failure { kind, message }: Failure) -> Self {
        let kind = match kind {
            FailureKind::Failed => ErrorKind::Aws,
            FailureKind::Missing => ErrorKind::MissingCredentials,
        };
        Self::new(kind, message)
    }
}

/// Why a login is not going on.
enum Stop {
    /// The connection broke.
    Broken(io::Error),
    /// The server refuses, in its own words.
    Refused(Document),
    /// It is not going on from here.
    Failed(Error),
}

impl From<io::Error> for Stop {
    fn from(error: io::Error) -> Self {
        Self::Broken(error)
    }
}

impl From<Error> for Stop {
    fn from(error: Error) -> Self {
        Self::Failed(error)
    }
}

impl Login {
    /// Logins that ask `questions`, and wait as long as `limit` for each answer.
    pub fn new(questions: Arc<LoginQuestions>, limit: Duration) -> Self {
        Self { questions, limit, refused: AtomicBool::new(false) }
    }

    /// Passes on how a connection begins, until it has logged in or is seen to be one that does not. `after_reading` is
    /// called with the client when it has said something.
    ///
    /// Returns whether both sides are still there.
    ///
    /// # Errors
    /// Why the server's side ended.
    pub async fn conduct<C, S>(
        &self,
        client: &mut C,
        server: &mut S,
        after_reading: impl Fn(&C),
    ) -> io::Result<bool>
    where
        C: AsyncRead + AsyncWrite + Unpin,
        S: AsyncRead + AsyncWrite + Unpin,
    {
        let Some(greeting) = next(client, server, &after_reading).await? else { return Ok(false) };
        greeting.write(server).await?;
        let answer = tokio::select! {
            answer = Message::read(server, |_| {}) => answer?,
            () = ended(client) => None,
        };
        let Some(answer) = answer else { return Ok(false) };
        if answer.write(client).await.is_err() {
            return Ok(false);
        }
        let Some(second) = next(client, server, &after_reading).await? else { return Ok(false) };
        let Some(command) = second.document().filter(|command| command.contains_key("saslStart")) else {
            second.write(server).await?;
            return Ok(true);
        };
        let answer = tokio::select! {
            answer = self.log_in(server, command) => answer,
            () = ended(client) => return Ok(false),
        };
        let answer = match answer {
            Ok(answer) => answer,
            Err(Stop::Refused(answer)) => answer,
            Err(Stop::Failed(error)) => error.as_refusal(),
            Err(Stop::Broken(error)) => return Err(error),
        };
        Ok(second.answered(&answer)?.write(client).await.is_ok())
    }

    async fn log_in<S: AsyncRead + AsyncWrite + Unpin>(
        &self,
        server: &mut S,
        command: Document,
    ) -> Result<Document, Stop> {
        // What else the driver says stays as it is: the database, the stable API.
        let others: Document = command
            .into_iter()
            .filter(|(name, _)| !matches!(name.as_str(), "saslStart" | "mechanism" | "payload"))
            .collect();
        let nonce = nonce()?;
        let mut start = doc! {
            "saslStart": 1, "mechanism": "MONGODB-AWS",
            "payload": payload(&doc! { "r": binary(nonce.to_vec()), "p": NO_CHANNEL_BINDING })?
        };
        start.extend(others.clone());
        let first = self.ask(server, &start).await?;
        let challenge = Challenge::read(&first, &nonce)?;
        let signature = self.sign(&challenge).await?;
        let mut signed = doc! { "a": signature.authorization, "d": signature.date };
        signed.extend(signature.token.map(|token| ("t".to_owned(), Bson::String(token))));
        let conversation = first.get("conversationId").cloned().unwrap_or(Bson::Null);
        let mut go_on =
            doc! { "saslContinue": 1, "conversationId": conversation, "payload": payload(&signed)? };
        go_on.extend(others);
        let last = self.ask(server, &go_on).await;
        self.refused.store(matches!(last, Err(Stop::Refused(_))), Ordering::Relaxed);
        last
    }

    async fn ask<S: AsyncRead + AsyncWrite + Unpin>(
        &self,
        server: &mut S,
        command: &Document,
    ) -> Result<Document, Stop> {
        let message = Message::command(command)?;
        let asking = async {
            message.write(server).await?;
            Message::read(server, |_| {}).await?.ok_or_else(|| io::ErrorKind::UnexpectedEof.into())
        };
        let answer: Message = within(self.limit, asking).await?;
        let answer = answer.document().ok_or_else(|| Error::from_server("no answer to a login"))?;
        if whole(&answer, "ok") == Some(1) { Ok(answer) } else { Err(Stop::Refused(answer)) }
    }

    async fn sign(&self, challenge: &Challenge) -> Result<Signature, Error> {
        let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        let question = doc! {
            "nonce": STANDARD.encode(&challenge.nonce.bytes),
            "host": &challenge.host,
            // Not JavaScript's, which tests may have stopped: AWS takes the true one only.
            "now": i64::try_from(now.as_millis()).unwrap_or(i64::MAX),
            "again": self.refused.load(Ordering::Relaxed),
        };
        let Some(answer) = self.questions.ask(question, self.limit).await else {
            let waited = self.limit.as_millis();
            return Err(Error::new(ErrorKind::Aws, format!("no credentials of AWS within {waited} ms")));
        };
        match answer.contents()? {
            Signed::Signature(signature) => Ok(signature),
            Signed::Failure(failure) => Err(failure.into()),
        }
    }
}

impl Challenge {
    fn read(answer: &Document, nonce: &[u8; NONCE]) -> Result<Self, Error> {
        let payload = answer.get_binary_generic("payload").map_err(|_| Error::from_server("no payload"))?;
        let challenge: Self = deserialize_from_slice(payload)
            .map_err(|_| Error::from_server("a payload without a challenge"))?;
        let length = challenge.nonce.bytes.len();
        if length != 2 * NONCE {
            return Err(Error::internal(format!("Invalid server nonce length {length}, expected 64")));
        }
        if !challenge.nonce.bytes.starts_with(nonce) {
            return Err(Error::internal("Server nonce does not begin with client nonce"));
        }
        if !is_host(&challenge.host) {
            return Err(Error::internal(format!("Server returned an invalid host: {:?}", challenge.host)));
        }
        Ok(challenge)
    }
}

/// Whether it can be signed for: it becomes a part of what is signed, and may be nothing else.
fn is_host(host: &str) -> bool {
    let is_label = |label: &str| {
        !label.is_empty() && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
    };
    host.len() <= LONGEST_HOST && host.split('.').all(is_label)
}

/// The client's next message; none where one side has ended.
async fn next<C, S>(client: &mut C, server: &mut S, after_reading: impl Fn(&C)) -> io::Result<Option<Message>>
where
    C: AsyncRead + Unpin,
    S: AsyncRead + Unpin,
{
    let mut unasked = [0];
    tokio::select! {
        // The client is the driver, in this process: how its side ended is of no interest.
        message = Message::read(client, after_reading) => Ok(message.unwrap_or(None)),
        read = server.read(&mut unasked) => match read? {
            0 => Ok(None),
            _ => Err(io::Error::new(io::ErrorKind::InvalidData, "the server speaks without being asked")),
        },
    }
}

/// Waits until a side that has nothing to say before it is answered ends, or says something nevertheless. A client does
/// so that has given up a server that is silent.
async fn ended(side: &mut (impl AsyncRead + Unpin)) {
    drop(side.read(&mut [0]).await);
}

async fn within<T>(limit: Duration, work: impl Future<Output = io::Result<T>>) -> io::Result<T> {
    tokio::time::timeout(limit, work).await.unwrap_or(Err(io::ErrorKind::TimedOut.into()))
}

fn nonce() -> Result<[u8; NONCE], Error> {
    let mut nonce = [0; NONCE];
    SystemRandom::new()
        .fill(&mut nonce)
        .map_err(|_| Error::internal("the system gives no random numbers"))?;
    Ok(nonce)
}

fn binary(bytes: Vec<u8>) -> Binary {
    Binary { subtype: BinarySubtype::Generic, bytes }
}

fn payload(document: &Document) -> Result<Binary, Error> {
    Ok(binary(serialize_to_vec(document).map_err(|error| Error::internal(error.to_string()))?))
}

#[cfg(test)]
#[path = "aws_tests.rs"]
mod tests;
