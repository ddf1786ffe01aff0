//! What is sent for the operations of a store, one file per kind of command.

pub mod all;
pub mod clear;
pub mod fence;
pub mod length;
pub mod lookup;
pub mod pipeline;
pub mod statement;
pub mod update;
pub mod write;
pub mod write_command;
pub mod write_reply;

use crate::error::{Error, ErrorKind};

/// Whether a command that failed as a whole may have failed because of one of its statements, so
/// that sending them one by one keeps the others from failing with it.
pub(crate) fn may_be_one_statements_fault(error: &Error) -> bool {
    // A failed login is nobody's fault alone; and sent one by one, each statement would ask for credentials anew.
    if error.is_of_login() {
        return false;
    }
    match error.kind {
        ErrorKind::ServerSelection
        | ErrorKind::OperationTimeout
        | ErrorKind::Network
        | ErrorKind::NetworkTimeout
        | ErrorKind::PoolCleared
        | ErrorKind::WaitQueueTimeout
        | ErrorKind::TopologyClosed
        | ErrorKind::NotConnected => false,
        ErrorKind::Server
        | ErrorKind::WriteConcern
        | ErrorKind::Compatibility
        | ErrorKind::InvalidArgument
        | ErrorKind::Api
        | ErrorKind::Parse
        | ErrorKind::Runtime
        | ErrorKind::Oidc
        | ErrorKind::Aws
        | ErrorKind::MissingCredentials
        | ErrorKind::System => !error.retryable && error.retry_after.is_none(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_that_does_not_answer_is_not_waited_for_again_for_each_statement() {
        for kind in [
            ErrorKind::ServerSelection,
            ErrorKind::OperationTimeout,
            ErrorKind::Network,
            ErrorKind::NetworkTimeout,
        ] {
            assert!(!may_be_one_statements_fault(&Error::new(kind, "no answer")), "{kind:?}");
        }
        assert!(may_be_one_statements_fault(&Error::new(ErrorKind::Server, "too large")));
    }

    #[test]
    fn a_login_that_fails_is_not_tried_for_each_statement() {
        for kind in [ErrorKind::Oidc, ErrorKind::Aws, ErrorKind::MissingCredentials] {
            assert!(!may_be_one_statements_fault(&Error::new(kind, "no")), "{kind:?}");
        }
        let mut refused = Error::new(ErrorKind::Server, "Authentication failed.");
        refused.labels = vec!["HandshakeError".to_owned()];
        assert!(!may_be_one_statements_fault(&refused));
    }

    #[test]
    fn a_server_that_is_asked_too_much_is_not_asked_for_each_statement() {
        let mut error = Error::new(ErrorKind::Server, "Request rate is large");
        error.retry_after = Some(std::time::Duration::from_millis(5));
        assert!(!may_be_one_statements_fault(&error));
    }
}
