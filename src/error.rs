//! What JavaScript is told when something goes wrong.
//!
//! The error an application sees is built in JavaScript, so that it has a stack; this is its
//! content. Names are the Node driver's classes, so that applications' tests for them hold.

use mongodb::bson::{Bson, Document, RawDocumentBuf, doc};
use mongodb::error::{ErrorKind, WriteConcernError, WriteFailure};

/// Something went wrong, in the Node driver's terms.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{name}: {message}")]
pub struct Error {
    /// The class of the Node driver that says this, e.g. `MongoServerError`.
    pub name: &'static str,
    /// What happened, for people; never holds a credential.
    pub message: String,
    /// The server's error code.
    pub code: Option<i32>,
    /// A system error's code as Node writes it, e.g. `ENOTFOUND`; then there is no other.
    pub system: Option<&'static str>,
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
}

impl Error {
    /// An error of the class `name`.
    pub fn new(name: &'static str, message: impl Into<String>) -> Self {
        Self {
            name,
            message: message.into(),
            code: None,
            system: None,
            code_name: None,
            labels: Vec::new(),
            reply: None,
            cause: None,
            retryable: false,
        }
    }

    /// What Node's own modules say when the system refuses.
    pub fn system(code: &'static str, message: impl Into<String>) -> Self {
        Self { system: Some(code), ..Self::new("Error", message) }
    }

    /// A broken promise of this package itself.
    pub fn internal(message: impl Into<String>) -> Self {
        Self::new("MongoRuntimeError", message)
    }

    /// A value that cannot be used.
    pub fn invalid(message: impl Into<String>) -> Self {
        Self::new("MongoInvalidArgumentError", message)
    }

    /// The handle was closed.
    pub fn not_connected() -> Self {
        Self::new("MongoNotConnectedError", "Client must be connected before running operations")
    }

    /// One entry of a write command's `writeErrors`.
    pub fn from_write_error(entry: &Document) -> Self {
        let mut error = Self::new("MongoServerError", text(entry, "errmsg"));
        error.code = whole(entry, "code").and_then(|code| code.try_into().ok());
        error.code_name = entry.get_str("codeName").ok().map(str::to_owned);
        error.reply = RawDocumentBuf::try_from(entry).ok();
        error
    }

    /// The `writeConcernError` of a write command's reply.
    pub fn from_write_concern_error(entry: &Document, reply: &Document) -> Self {
        let mut error = Self::new("MongoWriteConcernError", text(entry, "errmsg"));
        error.code = whole(entry, "code").and_then(|code| code.try_into().ok());
        error.code_name = entry.get_str("codeName").ok().map(str::to_owned);
        error.labels = labels(reply);
        error.retryable = error.code.is_some_and(is_retryable_code)
            || error.labels.iter().any(|label| label == "RetryableWriteError");
        error.reply = RawDocumentBuf::try_from(reply).ok();
        error
    }

    /// The form in which JavaScript gets it.
    pub fn to_document(&self) -> Document {
        let mut document = doc! { "name": self.name, "message": &self.message };
        if let Some(code) = self.code {
            document.insert("code", code);
        }
        if let Some(code) = self.system {
            document.insert("code", code);
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
        let (name, message, code, code_name) = describe(&error.kind);
        let mut labels: Vec<String> = error.labels().iter().cloned().collect();
        labels.sort();
        if matches!(*error.kind, ErrorKind::Authentication { .. }) {
            labels = vec!["HandshakeError".to_owned(), "ResetPool".to_owned()];
        }
        let retryable = matches!(
            *error.kind,
            ErrorKind::Io(_) | ErrorKind::ProxyConnect { .. } | ErrorKind::ConnectionPoolCleared { .. }
        ) || code.is_some_and(is_retryable_code)
            || labels.iter().any(|label| label == "RetryableWriteError");
        let reply = error.server_response().cloned();
        Self { code, code_name, labels, reply, retryable, ..Self::new(name, message) }
    }
}

type Description = (&'static str, String, Option<i32>, Option<String>);

fn describe(kind: &ErrorKind) -> Description {
    match kind {
        ErrorKind::Command(command) => (
            "MongoServerError",
            command.message.clone(),
            Some(command.code),
            Some(command.code_name.clone()).filter(|name| !name.is_empty()),
        ),
        ErrorKind::Write(WriteFailure::WriteError(write)) => {
            ("MongoServerError", write.message.clone(), Some(write.code), write.code_name.clone())
        }
        ErrorKind::Write(WriteFailure::WriteConcernError(concern)) => write_concern(concern),
        ErrorKind::Authentication { message, .. } => authentication(message),
        ErrorKind::Io(io) => ("MongoNetworkError", io.to_string(), None, None),
        ErrorKind::ProxyConnect { message, .. } => ("MongoNetworkError", message.clone(), None, None),
        ErrorKind::ConnectionPoolCleared { message, .. } => {
            ("MongoPoolClearedError", message.clone(), None, None)
        }
        ErrorKind::DnsResolve { message, .. } => ("MongoNetworkError", message.clone(), None, None),
        ErrorKind::ServerSelection { message, .. } => {
            ("MongoServerSelectionError", message.clone(), None, None)
        }
        ErrorKind::InvalidArgument { message, .. } => {
            ("MongoInvalidArgumentError", message.clone(), None, None)
        }
        ErrorKind::InvalidTlsConfig { message, .. } => {
            ("MongoInvalidArgumentError", message.clone(), None, None)
        }
        ErrorKind::IncompatibleServer { message, .. } => {
            ("MongoCompatibilityError", message.clone(), None, None)
        }
        ErrorKind::Shutdown => ("MongoTopologyClosedError", "Topology is closed".into(), None, None),
        other => ("MongoRuntimeError", other.to_string(), None, None),
    }
}

/// "SCRAM failure: Authentication failed.": what the server said is the second half. Its code is
/// not there, so the text has to do.
fn authentication(message: &str) -> Description {
    let reason = message.split_once(" failure: ").map_or(message, |(_, reason)| reason);
    let (code, code_name) = if reason.ends_with("which is not enabled") {
        (334, "MechanismUnavailable")
    } else {
        (18, "AuthenticationFailed")
    };
    ("MongoServerError", reason.to_owned(), Some(code), Some(code_name.to_owned()))
}

fn write_concern(error: &WriteConcernError) -> Description {
    (
        "MongoWriteConcernError",
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
        let error = Error::from(mongodb::error::Error::from(ErrorKind::Io(std::sync::Arc::new(io))));
        assert_eq!(error.name, "MongoNetworkError");
        assert!(error.retryable);
    }

    #[test]
    fn a_refused_login_has_the_servers_words_and_code() {
        let (_, message, code, _) = authentication("SCRAM failure: Authentication failed.");
        assert_eq!((message.as_str(), code), ("Authentication failed.", Some(18)));
        let text = "PLAIN failure: Received authentication for mechanism PLAIN which is not enabled";
        assert_eq!(authentication(text).2, Some(334));
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
        let mut error = Error::new("MongoNetworkError", "connect ECONNREFUSED a:1");
        error.cause = Some(Box::new(Error::system("ECONNREFUSED", "connect ECONNREFUSED a:1")));
        let document = error.to_document();
        let message = "connect ECONNREFUSED a:1";
        let cause = doc! { "name": "Error", "message": message, "code": "ECONNREFUSED" };
        assert_eq!(document, doc! { "name": "MongoNetworkError", "message": message, "cause": cause });
    }

    #[test]
    fn crosses_to_javascript_with_everything_applications_test_for() {
        let mut error = Error::new("MongoServerError", "no");
        error.code = Some(13);
        error.code_name = Some("Unauthorized".into());
        error.labels = vec!["X".into()];
        assert_eq!(
            error.to_document(),
            doc! { "name": "MongoServerError", "message": "no", "code": 13, "codeName": "Unauthorized", "labels": ["X"] }
        );
    }
}
