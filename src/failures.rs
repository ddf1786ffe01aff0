//! Why servers do not answer: the last failed check of each, in the Node driver's words.
//!
//! The Rust driver's own server selection error is a dump of the topology; applications and people
//! look for `ECONNREFUSED 127.0.0.1:27017`.

use std::collections::BTreeMap;
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use mongodb::bson::Document;
use mongodb::error::ErrorKind;
use mongodb::event::EventHandler;
use mongodb::event::sdam::SdamEvent;
use mongodb::options::ServerAddress;
use tokio::sync::Notify;

use crate::availability::Availability;
use crate::error::Error;

/// MongoDB 4.2, the oldest that the driver talks to. It waits in vain for a newer one and says nothing.
const MIN_WIRE_VERSION: i32 = 8;

/// A failure that is not the server's own, and whose it is.
#[derive(Debug)]
pub struct At {
    address: String,
    error: io::Error,
}

impl At {
    /// An application's proxy could not be reached.
    pub fn proxy(host: &str, port: u16, error: io::Error) -> io::Error {
        io::Error::new(error.kind(), Self { address: format!("{host}:{port}"), error })
    }
}

impl std::fmt::Display for At {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "{}: {}", self.address, self.error)
    }
}

impl std::error::Error for At {}

/// The last failure by server address.
#[derive(Debug, Default)]
pub struct Failures {
    checks: Mutex<BTreeMap<String, Error>>,
    /// Of connections that a relay makes, of which the driver sees no more than that they end.
    connections: Mutex<BTreeMap<String, Error>>,
    ended: Notify,
    availability: Availability,
}

fn locked(map: &Mutex<BTreeMap<String, Error>>) -> MutexGuard<'_, BTreeMap<String, Error>> {
    map.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Failures {
    /// A handler that keeps this up to date.
    pub fn handler(self: &Arc<Self>) -> EventHandler<SdamEvent> {
        let failures = Arc::clone(self);
        EventHandler::callback(move |event| {
            failures.availability.observe(&event);
            match event {
                SdamEvent::ServerHeartbeatFailed(event) => {
                    failures.set(
                        &event.server_address,
                        failures.failure(&event.failure.kind, &event.server_address),
                    );
                }
                SdamEvent::ServerHeartbeatSucceeded(event) => {
                    match too_old(&event.reply, &event.server_address) {
                        Some(refusal) => failures.set(&event.server_address, refusal),
                        None => failures.clear(&event.server_address),
                    }
                }
                SdamEvent::ServerClosed(event) => failures.clear(&event.address),
                SdamEvent::TopologyClosed(_) => failures.ended.notify_one(),
                _ => {}
            }
        })
    }

    /// Whether there is a server, as these checks find it.
    pub fn availability(&self) -> &Availability {
        &self.availability
    }

    fn set(&self, address: &ServerAddress, failure: Error) {
        locked(&self.checks).insert(address.to_string(), failure);
    }

    fn clear(&self, address: &ServerAddress) {
        locked(&self.checks).remove(&address.to_string());
    }

    /// A relay's connection to `address` failed or broke.
    pub fn failed(&self, address: &str, error: &io::Error) {
        locked(&self.connections).insert(address.to_owned(), network_error(error, address));
    }

    /// A relay's connection to `address` is open.
    pub fn opened(&self, address: &str) {
        locked(&self.connections).remove(address);
    }

    /// What is known of a connection that broke: of a relay's, if there is one, the reason; else the
    /// driver's `error` to one of `servers`, which it does not tell.
    pub fn broken(&self, error: &io::Error, servers: &str) -> Error {
        let known = locked(&self.connections).values().next().cloned();
        known.unwrap_or_else(|| network_error(error, servers))
    }

    fn failure(&self, kind: &ErrorKind, address: &ServerAddress) -> Error {
        let known = match kind {
            ErrorKind::Io(_) => locked(&self.connections).get(&address.to_string()).cloned(),
            _ => None,
        };
        known.unwrap_or_else(|| failure(kind, address))
    }

    /// Rewrites a server selection error so that it says which server failed and why.
    pub fn explain(&self, mut error: Error, waited: Duration) -> Error {
        let checks = locked(&self.checks);
        let mut distinct: Vec<&str> = checks.values().map(|failure| failure.message.as_str()).collect();
        distinct.dedup();
        error.message = match distinct.as_slice() {
            [] => format!("Server selection timed out after {} ms", waited.as_millis()),
            reasons => reasons.join("; "),
        };
        error.cause = checks.values().next().cloned().map(Box::new);
        error
    }

    /// Waits until the driver's client has let go of its servers.
    pub async fn ended(&self) {
        self.ended.notified().await;
    }
}

/// Why the server at `address` did not pass a check.
fn failure(kind: &ErrorKind, address: &ServerAddress) -> Error {
    match kind {
        ErrorKind::Io(error) => network_error(error, &address.to_string()),
        ErrorKind::Command(command) => {
            let mut error = Error::new("MongoServerError", command.message.clone());
            error.code = Some(command.code);
            error.code_name = Some(command.code_name.clone()).filter(|name| !name.is_empty());
            error.labels = labels(&["HandshakeError", "ResetPool"]);
            error
        }
        other => Error::new("MongoNetworkError", format!("{address}: {other}")),
    }
}

/// Says in the Node driver's words what happened to a connection to `address`.
pub fn network_error(error: &io::Error, address: &str) -> Error {
    if let Some(at) = error.get_ref().and_then(|inner| inner.downcast_ref::<At>()) {
        return network_error(&at.error, &at.address);
    }
    let name = if error.kind() == io::ErrorKind::TimedOut {
        "MongoNetworkTimeoutError"
    } else {
        "MongoNetworkError"
    };
    let (code, message) = reason(error, address);
    let mut result = Error::new(name, message);
    result.labels = labels(&["ResetPool"]);
    result.cause = code.map(|code| Box::new(Error::system(code, result.message.clone())));
    result
}

fn labels(names: &[&str]) -> Vec<String> {
    names.iter().copied().map(str::to_owned).collect()
}

/// Node's code, if it has one for this, and the words.
fn reason(error: &io::Error, address: &str) -> (Option<&'static str>, String) {
    let host = address.rsplit_once(':').map_or(address, |(host, _)| host);
    let text = error.to_string();
    if text.contains("failed to lookup address") {
        let code = if text.contains("Temporary failure") { "EAI_AGAIN" } else { "ENOTFOUND" };
        return (Some(code), format!("getaddrinfo {code} {host}"));
    }
    if text.contains("UnsupportedCertVersion") {
        let advice = "is of X.509 version 1, which is not supported; sign it again with a subjectAltName";
        return (None, format!("{address}: the server's certificate {advice}"));
    }
    let connect = match error.kind() {
        io::ErrorKind::ConnectionRefused => "ECONNREFUSED",
        io::ErrorKind::NotFound => "ENOENT",
        io::ErrorKind::PermissionDenied => "EACCES",
        io::ErrorKind::HostUnreachable => "EHOSTUNREACH",
        io::ErrorKind::NetworkUnreachable => "ENETUNREACH",
        io::ErrorKind::ConnectionReset => {
            return (Some("ECONNRESET"), format!("read ECONNRESET from {address}"));
        }
        io::ErrorKind::TimedOut => return (None, format!("connection to {address} timed out")),
        io::ErrorKind::UnexpectedEof => return (None, format!("connection to {address} closed")),
        _ => return (None, format!("{address}: {text}")),
    };
    (Some(connect), format!("connect {connect} {address}"))
}

/// What is wrong with a server that answers and is too old.
fn too_old(hello: &Document, address: &ServerAddress) -> Option<Error> {
    let version = hello.get_i32("maxWireVersion").unwrap_or(0);
    (version < MIN_WIRE_VERSION).then(|| {
        let text = format!(
            "Server at {address} reports maximum wire version {version}, but at least {MIN_WIRE_VERSION} \
             (MongoDB 4.2) is required"
        );
        Error::new("MongoCompatibilityError", text)
    })
}

#[cfg(test)]
mod tests {
    use mongodb::bson::doc;

    use super::*;

    fn refused() -> ErrorKind {
        ErrorKind::Io(Arc::new(io::ErrorKind::ConnectionRefused.into()))
    }

    fn address() -> ServerAddress {
        ServerAddress::Tcp { host: "127.0.0.1".into(), port: Some(1) }
    }

    #[test]
    fn a_refused_port_reads_as_in_node() {
        let error = failure(&refused(), &address());
        assert_eq!(
            (error.name, error.message.as_str()),
            ("MongoNetworkError", "connect ECONNREFUSED 127.0.0.1:1")
        );
        assert_eq!(error.cause.expect("the system's").system, Some("ECONNREFUSED"));
    }

    #[test]
    fn a_server_that_is_too_old_says_so_and_others_do_not() {
        let refusal = too_old(&doc! { "maxWireVersion": 7 }, &address()).expect("MongoDB 4.0");
        assert_eq!(
            refusal.message,
            "Server at 127.0.0.1:1 reports maximum wire version 7, but at least 8 (MongoDB 4.2) is required"
        );
        assert!(too_old(&doc! { "maxWireVersion": 8 }, &address()).is_none());
    }

    #[test]
    fn an_unknown_host_reads_as_in_node() {
        let text = "failed to lookup address information: Name or service not known";
        let kind = ErrorKind::Io(Arc::new(io::Error::other(text)));
        let host = ServerAddress::Tcp { host: "bad.host".into(), port: Some(27000) };
        assert_eq!(failure(&kind, &host).message, "getaddrinfo ENOTFOUND bad.host");
    }

    #[test]
    fn a_relays_reason_stands_for_the_connection_that_just_ended() {
        let failures = Failures::default();
        let ended: io::Error = io::ErrorKind::UnexpectedEof.into();
        let broken = || failures.broken(&ended, "127.0.0.1:1").message;
        assert_eq!(broken(), "connection to 127.0.0.1:1 closed");
        failures.failed("127.0.0.1:1", &io::ErrorKind::ConnectionRefused.into());
        assert_eq!(broken(), "connect ECONNREFUSED 127.0.0.1:1");
        let kind = ErrorKind::Io(Arc::new(io::ErrorKind::UnexpectedEof.into()));
        assert_eq!(failures.failure(&kind, &address()).message, "connect ECONNREFUSED 127.0.0.1:1");
        failures.opened("127.0.0.1:1");
        assert_eq!(broken(), "connection to 127.0.0.1:1 closed");
    }

    #[test]
    fn a_selection_error_says_what_the_last_check_found() {
        let failures = Failures::default();
        failures.set(&address(), failure(&refused(), &address()));
        let explain = || {
            let error = Error::new("MongoServerSelectionError", "No available servers. Topology: …");
            failures.explain(error, Duration::from_millis(7))
        };
        assert_eq!(explain().message, "connect ECONNREFUSED 127.0.0.1:1");
        assert_eq!(explain().cause.expect("the check's").name, "MongoNetworkError");
        failures.clear(&address());
        assert_eq!(explain().message, "Server selection timed out after 7 ms");
        assert!(explain().cause.is_none());
    }
}
