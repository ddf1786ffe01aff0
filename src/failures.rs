//! Why servers do not answer: the last failed check of each, in the Node driver's words.
//!
//! The Rust driver's own server selection error is a dump of the topology; applications and people
//! look for `ECONNREFUSED 127.0.0.1:27017`.

use std::collections::BTreeMap;
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use mongodb::error::ErrorKind;
use mongodb::event::EventHandler;
use mongodb::event::sdam::SdamEvent;
use mongodb::options::ServerAddress;

use crate::error::Error;

/// The last failure by server address.
#[derive(Debug, Default)]
pub struct Failures {
    checks: Mutex<BTreeMap<String, String>>,
    /// Of connections that a relay makes, of which the driver sees no more than that they end.
    connections: Mutex<BTreeMap<String, String>>,
}

fn locked(map: &Mutex<BTreeMap<String, String>>) -> MutexGuard<'_, BTreeMap<String, String>> {
    map.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Failures {
    /// A handler that keeps this up to date.
    pub fn handler(self: &Arc<Self>) -> EventHandler<SdamEvent> {
        let failures = Arc::clone(self);
        EventHandler::callback(move |event| match event {
            SdamEvent::ServerHeartbeatFailed(event) => {
                failures
                    .set(&event.server_address, failures.reason(&event.failure.kind, &event.server_address));
            }
            SdamEvent::ServerHeartbeatSucceeded(event) => failures.clear(&event.server_address),
            SdamEvent::ServerClosed(event) => failures.clear(&event.address),
            _ => {}
        })
    }

    fn set(&self, address: &ServerAddress, reason: String) {
        locked(&self.checks).insert(address.to_string(), reason);
    }

    fn clear(&self, address: &ServerAddress) {
        locked(&self.checks).remove(&address.to_string());
    }

    /// A relay's connection to `address` failed or broke.
    pub fn failed(&self, address: &str, error: &io::Error) {
        locked(&self.connections).insert(address.to_owned(), io_reason(error, address));
    }

    /// A relay's connection to `address` is open.
    pub fn opened(&self, address: &str) {
        locked(&self.connections).remove(address);
    }

    /// Why a connection to one of the servers broke, if a relay knows better than the driver.
    pub fn broken(&self) -> Option<String> {
        locked(&self.connections).values().next().cloned()
    }

    fn reason(&self, kind: &ErrorKind, address: &ServerAddress) -> String {
        let known = match kind {
            ErrorKind::Io(_) => locked(&self.connections).get(&address.to_string()).cloned(),
            _ => None,
        };
        known.unwrap_or_else(|| reason(kind, address))
    }

    /// Rewrites a server selection error so that it says which server failed and why.
    pub fn explain(&self, mut error: Error, waited: Duration) -> Error {
        let reasons = locked(&self.checks);
        let mut distinct: Vec<&str> = reasons.values().map(String::as_str).collect();
        distinct.dedup();
        error.message = match distinct.as_slice() {
            [] => format!("Server selection timed out after {} ms", waited.as_millis()),
            reasons => reasons.join("; "),
        };
        error
    }
}

/// Says in the Node driver's words why the server at `address` could not be reached.
pub fn reason(kind: &ErrorKind, address: &ServerAddress) -> String {
    match kind {
        ErrorKind::Io(error) => io_reason(error, &address.to_string()),
        ErrorKind::Command(error) => error.message.clone(),
        other => format!("{address}: {other}"),
    }
}

/// Says in the Node driver's words what happened to a connection to `address`.
pub fn io_reason(error: &io::Error, address: &str) -> String {
    let host = address.rsplit_once(':').map_or(address, |(host, _)| host);
    let text = error.to_string();
    if text.contains("failed to lookup address") {
        let code = if text.contains("Temporary failure") { "EAI_AGAIN" } else { "ENOTFOUND" };
        return format!("getaddrinfo {code} {host}");
    }
    if text.contains("UnsupportedCertVersion") {
        return format!(
            "{address}: the server's certificate is of X.509 version 1, which is not supported; sign it again \
             with a subjectAltName"
        );
    }
    match error.kind() {
        io::ErrorKind::ConnectionRefused => format!("connect ECONNREFUSED {address}"),
        io::ErrorKind::NotFound => format!("connect ENOENT {address}"),
        io::ErrorKind::PermissionDenied => format!("connect EACCES {address}"),
        io::ErrorKind::HostUnreachable => format!("connect EHOSTUNREACH {address}"),
        io::ErrorKind::NetworkUnreachable => format!("connect ENETUNREACH {address}"),
        io::ErrorKind::TimedOut => format!("connection to {address} timed out"),
        io::ErrorKind::ConnectionReset => format!("read ECONNRESET from {address}"),
        io::ErrorKind::UnexpectedEof => format!("connection to {address} closed"),
        _ => format!("{address}: {text}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused() -> ErrorKind {
        ErrorKind::Io(Arc::new(io::ErrorKind::ConnectionRefused.into()))
    }

    fn address() -> ServerAddress {
        ServerAddress::Tcp { host: "127.0.0.1".into(), port: Some(1) }
    }

    #[test]
    fn a_refused_port_reads_as_in_node() {
        assert_eq!(reason(&refused(), &address()), "connect ECONNREFUSED 127.0.0.1:1");
    }

    #[test]
    fn an_unknown_host_reads_as_in_node() {
        let text = "failed to lookup address information: Name or service not known";
        let kind = ErrorKind::Io(Arc::new(io::Error::other(text)));
        let host = ServerAddress::Tcp { host: "bad.host".into(), port: Some(27000) };
        assert_eq!(reason(&kind, &host), "getaddrinfo ENOTFOUND bad.host");
    }

    #[test]
    fn a_relays_reason_stands_for_the_connection_that_just_ended() {
        let failures = Failures::default();
        let ended = ErrorKind::Io(Arc::new(io::ErrorKind::UnexpectedEof.into()));
        assert_eq!(failures.reason(&ended, &address()), "connection to 127.0.0.1:1 closed");
        failures.failed("127.0.0.1:1", &io::ErrorKind::ConnectionRefused.into());
        assert_eq!(failures.reason(&ended, &address()), "connect ECONNREFUSED 127.0.0.1:1");
        assert_eq!(failures.broken().as_deref(), Some("connect ECONNREFUSED 127.0.0.1:1"));
        failures.opened("127.0.0.1:1");
        assert_eq!(failures.broken(), None);
    }

    #[test]
    fn a_selection_error_says_what_the_last_check_found() {
        let failures = Failures::default();
        failures.set(&address(), reason(&refused(), &address()));
        let explain = || {
            let error = Error::new("MongoServerSelectionError", "No available servers. Topology: …");
            failures.explain(error, Duration::from_millis(7)).message
        };
        assert_eq!(explain(), "connect ECONNREFUSED 127.0.0.1:1");
        failures.clear(&address());
        assert_eq!(explain(), "Server selection timed out after 7 ms");
    }
}
