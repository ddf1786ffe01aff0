//! Why servers do not answer: the last failed check of each, in the Node driver's words.
//!
//! The Rust driver's own server selection error is a dump of the topology; applications and people
//! look for `ECONNREFUSED 127.0.0.1:27017`.

use std::collections::BTreeMap;
use std::io;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use mongodb::error::ErrorKind;
use mongodb::event::EventHandler;
use mongodb::event::sdam::SdamEvent;
use mongodb::options::ServerAddress;

use crate::error::Error;

/// The last failure by server address.
#[derive(Debug, Default)]
pub struct Failures(Mutex<BTreeMap<String, String>>);

impl Failures {
    /// A handler that keeps this up to date.
    pub fn handler(self: &Arc<Self>) -> EventHandler<SdamEvent> {
        let failures = Arc::clone(self);
        EventHandler::callback(move |event| match event {
            SdamEvent::ServerHeartbeatFailed(event) => {
                failures.set(&event.server_address, reason(&event.failure.kind, &event.server_address));
            }
            SdamEvent::ServerHeartbeatSucceeded(event) => failures.clear(&event.server_address),
            SdamEvent::ServerClosed(event) => failures.clear(&event.address),
            _ => {}
        })
    }

    fn set(&self, address: &ServerAddress, reason: String) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(address.to_string(), reason);
    }

    fn clear(&self, address: &ServerAddress) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(&address.to_string());
    }

    /// Rewrites a server selection error so that it says which server failed and why.
    pub fn explain(&self, mut error: Error, waited: Duration) -> Error {
        let reasons = self.0.lock().unwrap_or_else(PoisonError::into_inner);
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
