//! Why servers do not answer: the last failed check of each, in the Node driver's words.
//!
//! The Rust driver's own server selection error is a dump of the topology; applications and people
//! look for `ECONNREFUSED 127.0.0.1:27017`.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use mongodb::bson::Document;
use mongodb::error::ErrorKind as DriverErrorKind;
use mongodb::event::sdam::SdamEvent;
use mongodb::options::ServerAddress;
use tokio::sync::{Notify, watch};

use crate::advice::{advice, words};
use crate::deployment::{Expected, too_old};
use crate::driver_texts::failed_lookup;
use crate::error::{Error, ErrorKind};

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

/// What happened, and what can be done about it.
#[derive(Clone, Debug)]
struct Failure {
    error: Error,
    advice: Option<&'static str>,
}

impl Failure {
    fn into_error(self) -> Error {
        let Some(advice) = self.advice else { return self.error };
        Error { message: format!("{}; {advice}", self.error.message), ..self.error }
    }
}

/// The last failure by server address.
#[derive(Debug, Default)]
pub struct Failures {
    expected: Mutex<Expected>,
    /// Servers that answer and are none of the deployment, so that the driver leaves them out.
    strangers: Mutex<BTreeMap<String, Error>>,
    /// Whether any check has ended.
    checked: watch::Sender<bool>,
    checks: Mutex<BTreeMap<String, Failure>>,
    /// Of connections that a relay makes, of which the driver sees no more than that they end.
    connections: Mutex<BTreeMap<String, Failure>>,
    /// The addresses of servers that have passed a check at some time.
    answered: Mutex<BTreeSet<String>>,
    /// Whether connections are encrypted.
    encrypted: bool,
    ended: Notify,
}

fn locked<T>(guarded: &Mutex<T>) -> MutexGuard<'_, T> {
    guarded.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Failures {
    /// Of connections that are encrypted, or not.
    pub fn new(encrypted: bool) -> Arc<Self> {
        Arc::new(Self { encrypted, ..Self::default() })
    }

    /// Takes note of what a check found.
    pub fn observe(&self, event: &SdamEvent) {
        match event {
            SdamEvent::ServerHeartbeatFailed(event) => {
                self.set(&event.server_address, self.failure(&event.failure.kind, &event.server_address));
                self.checked.send_replace(true);
            }
            SdamEvent::ServerHeartbeatSucceeded(event) => {
                match too_old(&event.reply, &event.server_address) {
                    Some(error) => self.set(&event.server_address, Failure { error, advice: None }),
                    None => self.passed(&event.server_address),
                }
                self.judge(&event.reply, &event.server_address);
                self.checked.send_replace(true);
            }
            SdamEvent::ServerClosed(event) => self.clear(&event.address),
            SdamEvent::TopologyClosed(_) => self.ended.notify_one(),
            _ => {}
        }
    }

    /// Says which deployment is asked for.
    pub fn expect(&self, expected: Expected) {
        *locked(&self.expected) = expected;
    }

    fn judge(&self, hello: &Document, address: &ServerAddress) {
        let refusal = locked(&self.expected).refusal(hello, address);
        let mut strangers = locked(&self.strangers);
        match refusal {
            Some(message) => {
                strangers.insert(address.to_string(), Error::new(ErrorKind::InvalidArgument, message));
            }
            None => drop(strangers.remove(&address.to_string())),
        }
    }

    /// Waits until a check has ended, one way or the other.
    pub async fn first_check(&self) {
        // An error would say that this is gone.
        drop(self.checked.subscribe().wait_for(|checked| *checked).await);
    }

    /// Why nothing may be sent to the one server that is asked for: it is in another set. The driver would not mind.
    pub fn other_set(&self) -> Option<Error> {
        if !locked(&self.expected).names_one_set() {
            return None;
        }
        let stranger = locked(&self.strangers).values().next().cloned()?;
        let mut error = Error::new(ErrorKind::ServerSelection, stranger.message.clone());
        error.cause = Some(Box::new(stranger));
        Some(error)
    }

    fn set(&self, address: &ServerAddress, failure: Failure) {
        locked(&self.checks).insert(address.to_string(), failure);
    }

    fn passed(&self, address: &ServerAddress) {
        self.clear(address);
        locked(&self.answered).insert(address.to_string());
    }

    fn clear(&self, address: &ServerAddress) {
        locked(&self.checks).remove(&address.to_string());
    }

    /// A relay's connection to `address` failed or broke.
    pub fn failed(&self, address: &str, error: &io::Error) {
        locked(&self.connections).insert(address.to_owned(), self.advised(error, address));
    }

    /// A relay's connection to `address` is open.
    pub fn opened(&self, address: &str) {
        locked(&self.connections).remove(address);
    }

    /// Why a connection broke: the reason that a relay has kept, if there is one; else the driver's `error`, which does not
    /// say to which of `servers`.
    pub fn broken(&self, error: &io::Error, servers: &str) -> Error {
        let known = locked(&self.connections).values().next().cloned();
        known.map_or_else(|| network_error(error, servers), Failure::into_error)
    }

    fn failure(&self, kind: &DriverErrorKind, address: &ServerAddress) -> Failure {
        let known = match kind {
            DriverErrorKind::Io(_) => locked(&self.connections).get(&address.to_string()).cloned(),
            _ => None,
        };
        known.unwrap_or_else(|| match kind {
            DriverErrorKind::Io(error) => self.advised(error, &address.to_string()),
            _ => Failure { error: failure(kind, address), advice: None },
        })
    }

    /// What happened to a connection, and what to do about it where the server has never answered.
    fn advised(&self, error: &io::Error, address: &str) -> Failure {
        let answered = locked(&self.answered).contains(address);
        let advice = if answered { None } else { advice(error, address, self.encrypted) };
        Failure { error: network_error(error, address), advice }
    }

    /// Rewrites a server selection error so that it says which server failed and why.
    pub fn explain(&self, mut error: Error, waited: Duration) -> Error {
        let mut failures: Vec<Failure> = locked(&self.checks).values().cloned().collect();
        failures
            .extend(locked(&self.strangers).values().cloned().map(|error| Failure { error, advice: None }));
        let mut reasons: Vec<&str> = failures.iter().map(|failure| failure.error.message.as_str()).collect();
        reasons.dedup();
        // All servers of a deployment have mostly the same trouble, which needs one piece of advice.
        let mut advice: Vec<&str> = failures.iter().filter_map(|failure| failure.advice).collect();
        advice.dedup();
        error.message = match reasons.as_slice() {
            [] => format!("Server selection timed out after {} ms", waited.as_millis()),
            reasons => [reasons, &advice].concat().join("; "),
        };
        error.cause = failures.into_iter().next().map(|failure| Box::new(failure.into_error()));
        error
    }

    /// Waits until the driver's client has let go of its servers.
    pub async fn ended(&self) {
        self.ended.notified().await;
    }
}

/// Why the server at `address` did not pass a check.
fn failure(kind: &DriverErrorKind, address: &ServerAddress) -> Error {
    match kind {
        DriverErrorKind::Io(error) => network_error(error, &address.to_string()),
        DriverErrorKind::Command(command) => {
            let mut error = Error::new(ErrorKind::Server, command.message.clone());
            error.code = Some(command.code);
            error.code_name = Some(command.code_name.clone()).filter(|name| !name.is_empty());
            error.labels = labels(&["HandshakeError", "ResetPool"]);
            error
        }
        other => Error::new(ErrorKind::Network, format!("{address}: {other}")),
    }
}

/// Says in the Node driver's words what happened to a connection to `address`.
pub fn network_error(error: &io::Error, address: &str) -> Error {
    if let Some(at) = error.get_ref().and_then(|inner| inner.downcast_ref::<At>()) {
        return network_error(&at.error, &at.address);
    }
    let kind =
        if error.kind() == io::ErrorKind::TimedOut { ErrorKind::NetworkTimeout } else { ErrorKind::Network };
    let (code, message) = reason(error, address);
    let mut result = Error::new(kind, message);
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
    if let Some(code) = failed_lookup(error) {
        return (Some(code), format!("getaddrinfo {code} {host}"));
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
        _ => return (None, format!("{address}: {}", words(error))),
    };
    (Some(connect), format!("connect {connect} {address}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused() -> DriverErrorKind {
        DriverErrorKind::Io(std::sync::Arc::new(io::ErrorKind::ConnectionRefused.into()))
    }

    fn address() -> ServerAddress {
        ServerAddress::Tcp { host: "127.0.0.1".into(), port: Some(1) }
    }

    #[test]
    fn a_refused_port_reads_as_in_node() {
        let error = failure(&refused(), &address());
        assert_eq!(
            (error.kind, error.message.as_str()),
            (ErrorKind::Network, "connect ECONNREFUSED 127.0.0.1:1")
        );
        assert_eq!(error.cause.expect("the system's").system.as_deref(), Some("ECONNREFUSED"));
    }

    #[test]
    fn an_unknown_host_reads_as_in_node() {
        let text = "failed to lookup address information: Name or service not known";
        let kind = DriverErrorKind::Io(std::sync::Arc::new(io::Error::other(text)));
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
        let kind = DriverErrorKind::Io(std::sync::Arc::new(io::ErrorKind::UnexpectedEof.into()));
        assert_eq!(failures.failure(&kind, &address()).error.message, "connect ECONNREFUSED 127.0.0.1:1");
        failures.opened("127.0.0.1:1");
        assert_eq!(broken(), "connection to 127.0.0.1:1 closed");
    }

    #[test]
    fn advice_is_given_once_and_only_before_a_server_has_answered() {
        let failures = Failures::new(true);
        let closed = DriverErrorKind::Io(std::sync::Arc::new(io::ErrorKind::UnexpectedEof.into()));
        let addresses = [1, 2].map(|port| ServerAddress::Tcp { host: "h".into(), port: Some(port) });
        let explain = || {
            for address in &addresses {
                failures.set(address, failures.failure(&closed, address));
            }
            failures.explain(Error::new(ErrorKind::ServerSelection, "none"), Duration::ZERO).message
        };
        let closed_both = "connection to h:1 closed; connection to h:2 closed";
        assert!(
            explain().starts_with(&format!("{closed_both}; it ended in the TLS handshake")),
            "{}",
            explain()
        );
        assert_eq!(explain().matches("handshake").count(), 1);
        addresses.iter().for_each(|address| failures.passed(address));
        assert_eq!(explain(), closed_both);
    }

    #[test]
    fn a_selection_error_says_what_the_last_check_found() {
        let failures = Failures::default();
        failures.set(&address(), failures.failure(&refused(), &address()));
        let explain = || {
            let error = Error::new(ErrorKind::ServerSelection, "No available servers. Topology: …");
            failures.explain(error, Duration::from_millis(7))
        };
        assert_eq!(explain().message, "connect ECONNREFUSED 127.0.0.1:1");
        assert_eq!(explain().cause.expect("the check's").kind, ErrorKind::Network);
        failures.clear(&address());
        assert_eq!(explain().message, "Server selection timed out after 7 ms");
        assert!(explain().cause.is_none());
    }
}
