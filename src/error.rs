//! Errors, as JavaScript gets them.
//!
//! The error an application sees is built in JavaScript, so that it has a stack; this is its
//! content. Names are the Node driver's classes, so that applications' tests for them hold.

use std::borrow::Cow;
use std::time::Duration;

use mongodb::bson::{Bson, Document, RawDocumentBuf, doc};
use mongodb::error::{CommandError, ErrorKind as DriverErrorKind, WriteConcernError, WriteFailure};

use crate::driver_texts::refused_login;
use crate::throttle;

/// The drivers' label of what went wrong before a connection could be used.
const HANDSHAKE: &str = "HandshakeError";

/// What kind of error something is. Program flow matches kinds, never names or texts; each has the name of the class
/// that the Node driver would throw, so that applications' tests for those hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ErrorKind {
    /// The server refused, or reports that something failed.
    Server,
    /// The write is done, but not as durably as was asked.
    WriteConcern,
    /// A connection could not be made, or broke.
    Network,
    /// A connection gave no answer in its time.
    NetworkTimeout,
    /// No server that can serve the operation was found in its time.
    ServerSelection,
    /// The operation was not over in its time.
    OperationTimeout,
    /// The driver closed the connection, because others to the same server broke.
    PoolCleared,
    /// No place in the pool became free in time.
    WaitQueueTimeout,
    /// The client was closed.
    TopologyClosed,
    /// The client is not open.
    NotConnected,
    /// The server is too old, or lacks what is needed.
    Compatibility,
    /// A value that cannot be used.
    InvalidArgument,
    /// What DNS says of a deployment cannot be used.
    Api,
    /// What is written in a connection string, or stands in its place in DNS, cannot be read.
    Parse,
    /// A promise of this package is broken, or what is stored cannot be read.
    Runtime,
    /// There is no token for a login by OpenID Connect.
    Oidc,
    /// There are no credentials for a login by AWS, and somebody says why.
    Aws,
    /// There are no credentials.
    MissingCredentials,
    /// The operating system refused: an `Error` of Node's own modules.
    System,
}

impl ErrorKind {
    /// The class of the Node driver, or of Node.
    pub fn node_name(self) -> &'static str {
        match self {
            Self::Server => "MongoServerError",
            Self::WriteConcern => "MongoWriteConcernError",
            Self::Network => "MongoNetworkError",
            Self::NetworkTimeout => "MongoNetworkTimeoutError",
            Self::ServerSelection => "MongoServerSelectionError",
            Self::OperationTimeout => "MongoOperationTimeoutError",
            Self::PoolCleared => "MongoPoolClearedError",
            Self::WaitQueueTimeout => "MongoWaitQueueTimeoutError",
            Self::TopologyClosed => "MongoTopologyClosedError",
            Self::NotConnected => "MongoNotConnectedError",
            Self::Compatibility => "MongoCompatibilityError",
            Self::InvalidArgument => "MongoInvalidArgumentError",
            Self::Api => "MongoAPIError",
            Self::Parse => "MongoParseError",
            Self::Runtime => "MongoRuntimeError",
            Self::Oidc => "MongoOIDCError",
            Self::Aws => "MongoAWSError",
            Self::MissingCredentials => "MongoMissingCredentialsError",
            Self::System => "Error",
        }
    }
}

/// Something went wrong, in the Node driver's terms.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{}: {message}", kind.node_name())]
pub struct Error {
    /// What kind of error it is; decides the class that JavaScript makes of it.
    pub kind: ErrorKind,
    /// What happened, for people; never holds a credential.
    pub message: String,
    /// The server's error code.
    pub code: Option<i32>,
    /// A system error's code as Node writes it, e.g. `ENOTFOUND`; then there is no other.
    pub system: Option<Cow<'static, str>>,
    /// The server's name for the code.
    pub code_name: Option<String>,
    /// Labels such as `RetryableWriteError`.
    pub labels: Vec<String>,
    /// The server's whole answer.
    pub reply: Option<RawDocumentBuf>,
    /// What this is the consequence of.
    pub cause: Option<Box<Error>>,
    /// The operation may succeed if sent again.
    pub retryable: bool,
    /// The server is asked too much at once, and says how long to wait before it is asked again.
    pub retry_after: Option<Duration>,
}

impl Error {
    /// An error of this kind.
    pub fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self {
            kind,
            message: message.into(),
            code: None,
            system: None,
            code_name: None,
            labels: Vec::new(),
            reply: None,
            cause: None,
            retryable: false,
            retry_after: None,
        }
    }

    /// What Node's own modules say when the system refuses.
    pub fn system(code: impl Into<Cow<'static, str>>, message: impl Into<String>) -> Self {
        Self { system: Some(code.into()), ..Self::new(ErrorKind::System, message) }
    }

    /// A broken promise of this package itself.
    pub fn internal(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Runtime, message)
    }

    /// A value that cannot be used.
    pub fn invalid(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::InvalidArgument, message)
    }

    /// The handle was closed.
    pub fn not_connected() -> Self {
        Self::new(ErrorKind::NotConnected, "Client must be connected before running operations")
    }

    /// A server, or what stands in its place, answers in a way that nobody can make sense of.
    pub fn from_server(what: &str) -> Self {
        Self::internal(format!("the server gives {what}"))
    }

    /// Gives it the form of a server's refusal of a login, because the driver passes on nothing else; `own` undoes that.
    pub fn as_refusal(&self) -> Document {
        let place = OF_LOGINS.iter().position(|(_, kind)| *kind == self.kind).unwrap_or(0);
        doc! { "ok": 0, "code": OF_LOGINS[place].0, "errmsg": &self.message }
    }

    /// One entry of a write command's `writeErrors`.
    pub fn from_write_error(entry: &Document) -> Self {
        let mut error = Self::new(ErrorKind::Server, text(entry, "errmsg"));
        error.code = whole(entry, "code").and_then(|code| code.try_into().ok());
        error.code_name = entry.get_str("codeName").ok().map(str::to_owned);
        error.reply = RawDocumentBuf::try_from(entry).ok();
        error.retry_after = throttle::pause(error.code, &error.message);
        error
    }

    /// The `writeConcernError` of a write command's reply.
    pub fn from_write_concern_error(entry: &Document, reply: &Document) -> Self {
        let mut error = Self::new(ErrorKind::WriteConcern, text(entry, "errmsg"));
        error.code = whole(entry, "code").and_then(|code| code.try_into().ok());
        error.code_name = entry.get_str("codeName").ok().map(str::to_owned);
        error.labels = labels(reply);
        error.retryable = error.code.is_some_and(is_retryable_code)
            || error.labels.iter().any(|label| label == "RetryableWriteError");
        error.reply = RawDocumentBuf::try_from(reply).ok();
        error
    }

    /// Whether a command that ended with this may have reached the server, and may be done.
    pub fn is_unanswered(&self) -> bool {
        match self.kind {
            ErrorKind::Network
            | ErrorKind::NetworkTimeout
            | ErrorKind::OperationTimeout
            | ErrorKind::PoolCleared => true,
            ErrorKind::Server
            | ErrorKind::WriteConcern
            | ErrorKind::ServerSelection
            | ErrorKind::WaitQueueTimeout
            | ErrorKind::TopologyClosed
            | ErrorKind::NotConnected
            | ErrorKind::Compatibility
            | ErrorKind::InvalidArgument
            | ErrorKind::Api
            | ErrorKind::Parse
            | ErrorKind::Runtime
            | ErrorKind::Oidc
            | ErrorKind::Aws
            | ErrorKind::MissingCredentials
            | ErrorKind::System => false,
        }
    }

    /// Whether no server was there, or none answered: the same may succeed when one has come.
    pub fn is_absence(&self) -> bool {
        self.is_unanswered() || self.kind == ErrorKind::ServerSelection
    }

    /// Whether a connection could not be logged in: the command was never sent, whatever is in it.
    pub fn is_of_login(&self) -> bool {
        matches!(self.kind, ErrorKind::Oidc | ErrorKind::Aws | ErrorKind::MissingCredentials)
            || self.labels.iter().any(|label| label == HANDSHAKE)
    }

    /// The form in which JavaScript gets it.
    pub fn to_document(&self) -> Document {
        let mut document = doc! { "name": self.kind.node_name(), "message": &self.message };
        if let Some(code) = self.code {
            document.insert("code", code);
        }
        if let Some(code) = &self.system {
            document.insert("code", code.as_ref());
        }
        if let Some(cause) = &self.cause {
            document.insert("cause", cause.to_document());
        }
        if let Some(code_name) = &self.code_name {
            document.insert("codeName", code_name);
        }
        if !self.labels.is_empty() {
            document.insert("labels", &self.labels);
        }
        if let Some(reply) = self.reply.as_ref().and_then(|raw| Document::try_from(raw.as_ref()).ok()) {
            document.insert("reply", reply);
        }
        document
    }
}

/// The errors that end a login on this side, with the codes by which they are recognised. No server has negative codes.
const OF_LOGINS: [(i32, ErrorKind); 3] =
    [(-1, ErrorKind::Runtime), (-2, ErrorKind::Aws), (-3, ErrorKind::MissingCredentials)];

/// A whole number in a reply, of whichever type a server chose for it.
pub(crate) fn whole(document: &Document, key: &str) -> Option<i64> {
    match document.get(key)? {
        Bson::Int32(number) => Some((*number).into()),
        Bson::Int64(number) => Some(*number),
        // `as` saturates.
        Bson::Double(number) if number.fract() == 0.0 => Some(*number as i64),
        _ => None,
    }
}

fn text(document: &Document, key: &str) -> String {
    document.get_str(key).unwrap_or("the server gave no message").to_owned()
}

fn labels(reply: &Document) -> Vec<String> {
    let Ok(labels) = reply.get_array("errorLabels") else { return Vec::new() };
    labels.iter().filter_map(|label| label.as_str().map(str::to_owned)).collect()
}

/// "Not primary" and "shutting down" codes, from the driver specification's retryable writes:
/// <https://github.com/mongodb/specifications/blob/master/source/retryable-writes/retryable-writes.md>.
pub fn is_retryable_code(code: i32) -> bool {
    matches!(code, 6 | 7 | 89 | 91 | 134 | 189 | 262 | 9001 | 10107 | 11600 | 11602 | 13435 | 13436)
}

impl From<mongodb::error::Error> for Error {
    fn from(error: mongodb::error::Error) -> Self {
        if let Some(own) = own(&error) {
            return own;
        }
        let (kind, message, code, code_name) = describe(&error);
        let mut labels: Vec<String> = error.labels().iter().cloned().collect();
        labels.sort();
        if matches!(*error.kind, DriverErrorKind::Authentication { .. }) {
            labels = vec![HANDSHAKE.to_owned(), "ResetPool".to_owned()];
        }
        let retryable = matches!(
            *error.kind,
            DriverErrorKind::Io(_)
                | DriverErrorKind::ProxyConnect { .. }
                | DriverErrorKind::ConnectionPoolCleared { .. }
        ) || code.is_some_and(is_retryable_code)
            || labels.iter().any(|label| label == "RetryableWriteError");
        let reply = error.server_response().cloned();
        let retry_after = throttle::pause(code, &message);
        Self { code, code_name, labels, reply, retryable, retry_after, ..Self::new(kind, message) }
    }
}

type Description = (ErrorKind, String, Option<i32>, Option<String>);

/// An error of this package that the driver passed on.
fn own(error: &mongodb::error::Error) -> Option<Error> {
    if let DriverErrorKind::Custom(custom) = error.kind.as_ref() {
        return custom.downcast_ref::<Error>().cloned();
    }
    let refusal = refusal(error)?;
    let (_, kind) = OF_LOGINS.iter().find(|(code, _)| *code == refusal.code)?;
    Some(Error::new(*kind, refusal.message.clone()))
}

fn describe(error: &mongodb::error::Error) -> Description {
    match error.kind.as_ref() {
        DriverErrorKind::Command(command) => (
            ErrorKind::Server,
            command.message.clone(),
            Some(command.code),
            Some(command.code_name.clone()).filter(|name| !name.is_empty()),
        ),
        DriverErrorKind::Write(WriteFailure::WriteError(write)) => {
            (ErrorKind::Server, write.message.clone(), Some(write.code), write.code_name.clone())
        }
        DriverErrorKind::Write(WriteFailure::WriteConcernError(concern)) => write_concern(concern),
        DriverErrorKind::Authentication { message, .. } => authentication(message, refusal(error)),
        DriverErrorKind::Io(io) => (ErrorKind::Network, io.to_string(), None, None),
        DriverErrorKind::ProxyConnect { message, .. } => (ErrorKind::Network, message.clone(), None, None),
        DriverErrorKind::ConnectionPoolCleared { message, .. } => {
            (ErrorKind::PoolCleared, message.clone(), None, None)
        }
        DriverErrorKind::DnsResolve { message, .. } => (ErrorKind::Network, message.clone(), None, None),
        DriverErrorKind::ServerSelection { message, .. } => {
            (ErrorKind::ServerSelection, message.clone(), None, None)
        }
        DriverErrorKind::InvalidArgument { message, .. } => {
            (ErrorKind::InvalidArgument, message.clone(), None, None)
        }
        DriverErrorKind::InvalidTlsConfig { message, .. } => {
            (ErrorKind::InvalidArgument, message.clone(), None, None)
        }
        DriverErrorKind::IncompatibleServer { message, .. } => {
            (ErrorKind::Compatibility, message.clone(), None, None)
        }
        DriverErrorKind::Shutdown => (ErrorKind::TopologyClosed, "Topology is closed".into(), None, None),
        other => (ErrorKind::Runtime, other.to_string(), None, None),
    }
}

/// What the server said to a login, where the driver keeps it.
fn refusal(error: &mongodb::error::Error) -> Option<&CommandError> {
    let source = std::error::Error::source(error)?;
    let source = source
        .downcast_ref::<mongodb::error::Error>()
        .or_else(|| source.downcast_ref::<Box<mongodb::error::Error>>().map(AsRef::as_ref))?;
    match source.kind.as_ref() {
        DriverErrorKind::Command(command) => Some(command),
        _ => None,
    }
}

/// What the server said, or the code that it has for refused logins where the driver drops its answer.
fn authentication(message: &str, refusal: Option<&CommandError>) -> Description {
    if let Some(CommandError { code, code_name, message, .. }) = refusal {
        let code_name = Some(code_name.clone()).filter(|name| !name.is_empty());
        return (ErrorKind::Server, message.clone(), Some(*code), code_name);
    }
    (ErrorKind::Server, refused_login(message).to_owned(), Some(18), Some("AuthenticationFailed".to_owned()))
}

fn write_concern(error: &WriteConcernError) -> Description {
    (
        ErrorKind::WriteConcern,
        error.message.clone(),
        Some(error.code),
        Some(error.code_name.clone()).filter(|name| !name.is_empty()),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_network_error_is_retryable_and_named_as_the_node_driver_names_it() {
        let io = std::io::Error::new(std::io::ErrorKind::ConnectionReset, "reset");
        let error = Error::from(mongodb::error::Error::from(DriverErrorKind::Io(std::sync::Arc::new(io))));
        assert_eq!(error.kind, ErrorKind::Network);
        assert!(error.retryable);
    }

    #[test]
    fn a_refused_login_of_which_the_server_says_nothing_is_failed_authentication() {
        let (_, message, code, _) = authentication("SCRAM failure: mismatched nonce", None);
        assert_eq!((message.as_str(), code), ("mismatched nonce", Some(18)));
    }

    #[test]
    fn what_fails_a_login_on_this_side_has_codes_that_no_server_has() {
        for kind in [ErrorKind::Aws, ErrorKind::MissingCredentials, ErrorKind::Runtime] {
            let refusal = Error::new(kind, "why").as_refusal();
            let code = refusal.get_i32("code").expect("a code");
            assert!(OF_LOGINS.contains(&(code, kind)) && code < 0, "{refusal}");
            assert_eq!(refusal.get_str("errmsg").ok(), Some("why"));
        }
        let other = Error::new(ErrorKind::Network, "why").as_refusal();
        assert_eq!(other.get_i32("code").ok(), Some(OF_LOGINS[0].0));
    }

    #[test]
    fn an_error_of_this_package_comes_back_from_the_driver_as_it_was() {
        let error = Error::from(mongodb::error::Error::custom(Error::new(ErrorKind::Oidc, "no token")));
        assert_eq!((error.kind, error.message.as_str()), (ErrorKind::Oidc, "no token"));
    }

    #[test]
    fn a_write_error_keeps_code_and_message() {
        let error =
            Error::from_write_error(&doc! { "index": 0, "code": 11000, "errmsg": "E11000 duplicate" });
        assert_eq!((error.code, error.message.as_str()), (Some(11000), "E11000 duplicate"));
        assert!(!error.retryable);
    }

    #[test]
    fn a_write_concern_error_of_a_primary_that_steps_down_is_retryable() {
        let reply = doc! { "ok": 1, "writeConcernError": { "code": 10107, "errmsg": "not primary" } };
        let entry = reply.get_document("writeConcernError").expect("there");
        assert!(Error::from_write_concern_error(entry, &reply).retryable);
    }

    #[test]
    fn a_cause_and_a_systems_code_cross_to_javascript() {
        let mut error = Error::new(ErrorKind::Network, "connect ECONNREFUSED a:1");
        error.cause = Some(Box::new(Error::system("ECONNREFUSED", "connect ECONNREFUSED a:1")));
        let document = error.to_document();
        let message = "connect ECONNREFUSED a:1";
        let cause = doc! { "name": "Error", "message": message, "code": "ECONNREFUSED" };
        assert_eq!(document, doc! { "name": "MongoNetworkError", "message": message, "cause": cause });
    }

    #[test]
    fn crosses_to_javascript_with_everything_applications_test_for() {
        let mut error = Error::new(ErrorKind::Server, "no");
        error.code = Some(13);
        error.code_name = Some("Unauthorized".into());
        error.labels = vec!["X".into()];
        assert_eq!(
            error.to_document(),
            doc! { "name": "MongoServerError", "message": "no", "code": 13, "codeName": "Unauthorized", "labels": ["X"] }
        );
    }
}
