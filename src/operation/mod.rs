//! Point operations by session id, and what a store does with all its sessions.

pub mod clear;
pub mod length;
pub mod lookup;
pub mod statement;
pub mod write;

use crate::channel::Ticket;
use crate::error::Error;

/// Gives the same answer to everyone who waits for a job.
pub(crate) fn answer(tickets: Vec<Ticket>, outcome: Result<Vec<u8>, Error>) {
    let mut tickets = tickets.into_iter();
    let Some(first) = tickets.next() else { return };
    for ticket in tickets {
        ticket.complete(outcome.clone());
    }
    first.complete(outcome);
}

/// Whether a command that failed as a whole may have failed because of one of its statements, so
/// that sending them one by one keeps the others from failing with it.
pub(crate) fn may_be_one_statements_fault(error: &Error) -> bool {
    !error.retryable
        && !matches!(
            error.name,
            "MongoServerSelectionError"
                | "MongoOperationTimeoutError"
                | "MongoNetworkError"
                | "MongoNetworkTimeoutError"
                | "MongoTopologyClosedError"
        )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_that_does_not_answer_is_not_waited_for_again_for_each_statement() {
        for name in [
            "MongoServerSelectionError",
            "MongoOperationTimeoutError",
            "MongoNetworkError",
            "MongoNetworkTimeoutError",
        ] {
            assert!(!may_be_one_statements_fault(&Error::new(name, "no answer")), "{name}");
        }
        assert!(may_be_one_statements_fault(&Error::new("MongoServerError", "too large")));
    }
}
