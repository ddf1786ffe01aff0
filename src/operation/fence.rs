//! The fence: makes a server refuse a write that was given up without an answer.
//!
//! **Problem.** Such a command may still be on its way, and would undo whatever is written and acknowledged before it
//! arrives.
//!
//! **Rule.** The server is brought to know a higher number of the command's session ([`crate::write_sessions`]), and then
//! refuses the lower one. Until then the lanes of the sessions that it carried are taken, so that nothing later is written
//! to them.
//!
//! The statements that bring it there change nothing. Each is for a session that the command carried, so that in a
//! sharded cluster the same shards hear of it. Where servers know no numbers, no fence can be made; docs/reliability.md
//! says what that means.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::{sleep, timeout};

use super::write_command::compose_idle;
use crate::error::{Error, ErrorKind};
use crate::pool::leased::Leased;
use crate::settings::Acknowledgment;
use crate::store::Store;
use crate::write_sessions::WriteSession;

/// How long a fence waits for an answer before it is sent again.
const ANSWER: Duration = Duration::from_secs(5);
/// How long it waits between tries.
const PAUSE: Duration = Duration::from_millis(200);

/// Whether this store's writes carry transaction numbers.
pub fn is_numbered(store: &Store) -> bool {
    let (pool, settings) = (store.pool(), store.pool().settings());
    let unacknowledged = settings
        .write_concern
        .as_ref()
        .is_some_and(|concern| matches!(concern.w, Some(Acknowledgment::Nodes(0))));
    settings.retry_writes != Some(false)
        && !unacknowledged
        && pool.availability().known().numbered == Some(true)
        && pool.knows_transaction_numbers()
}

/// Fences `session`, whose last command carried the sessions of `sids`: returns when that one cannot be applied any more.
pub async fn fence(store: &Store, session: &mut Leased<WriteSession>, sids: &[Arc<str>]) {
    if !is_numbered(store) {
        return;
    }
    loop {
        let number = session.advance();
        let Ok(command) = compose_idle(store, sids, number) else { return };
        match timeout(ANSWER, store.run_with(command, session)).await {
            Ok(Ok(_)) => return,
            // No server that the session can be used with is there any more.
            Ok(Err(_)) if session.is_gone() => {
                store.pool().stop_running(session.id()).await;
                return;
            }
            Ok(Err(error)) if is_answer(&error) => return,
            Ok(Err(_)) | Err(_) => sleep(PAUSE).await,
        }
    }
}

/// Whether the server has heard the number, or nobody can send anything any more. What was not sent, for want of a place
/// in the pool or of a login, is no answer: the command before it may still arrive.
fn is_answer(error: &Error) -> bool {
    !error.is_absence()
        && error.kind != ErrorKind::WaitQueueTimeout
        && !error.is_of_login()
        && !error.retryable
        && error.retry_after.is_none()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_not_sent_is_no_answer() {
        for kind in [
            ErrorKind::WaitQueueTimeout,
            ErrorKind::Oidc,
            ErrorKind::Aws,
            ErrorKind::MissingCredentials,
            ErrorKind::Network,
            ErrorKind::ServerSelection,
        ] {
            assert!(!is_answer(&Error::new(kind, "not sent")), "{kind:?}");
        }
        let mut refused = Error::new(ErrorKind::Server, "Authentication failed.");
        refused.labels = vec!["HandshakeError".to_owned()];
        assert!(!is_answer(&refused));
    }

    #[test]
    fn what_the_server_says_of_it_and_a_closed_client_are() {
        for kind in [ErrorKind::Server, ErrorKind::TopologyClosed, ErrorKind::NotConnected] {
            assert!(is_answer(&Error::new(kind, "over")), "{kind:?}");
        }
    }
}
