//! Sends an operation again after a fault that may pass: a network error, a primary that changed.
//!
//! For what is about all sessions, and for the application's own commands that have the same effect when they are repeated.
//! [`crate::delivery`] sends the operations of single sessions.

use std::future::Future;
use std::time::Duration;

use tokio::time::Instant;

use crate::error::Error;

/// Pauses between attempts; the last one repeats.
const PAUSES: [Duration; 5] = [
    Duration::ZERO,
    Duration::from_millis(20),
    Duration::from_millis(50),
    Duration::from_millis(100),
    Duration::from_millis(200),
];

/// The pauses between attempts, without end.
pub fn pauses() -> impl Iterator<Item = Duration> {
    PAUSES.iter().chain(std::iter::repeat(&PAUSES[PAUSES.len() - 1])).copied()
}

/// Runs `attempt` until it succeeds, fails for good, or `limit` is over since it failed for the first time.
///
/// # Errors
/// The last attempt's.
pub async fn retrying<T, F, Work>(limit: Duration, mut attempt: F) -> Result<T, Error>
where
    F: FnMut() -> Work,
    Work: Future<Output = Result<T, Error>>,
{
    let mut pauses = pauses();
    let mut end = None;
    loop {
        let error = match attempt().await {
            Ok(value) => return Ok(value),
            Err(error) => error,
        };
        let now = Instant::now();
        let end = *end.get_or_insert(now + limit);
        let pause = error.retry_after.or_else(|| pauses.next()).unwrap_or_default();
        if !(error.retryable || error.retry_after.is_some()) || now + pause >= end {
            return Err(error);
        }
        tokio::time::sleep(pause).await;
    }
}

#[cfg(test)]
mod tests {
    use crate::error::ErrorKind;
    use std::cell::Cell;

    use super::*;

    fn fault(retryable: bool) -> Error {
        let mut error = Error::new(ErrorKind::Network, "reset");
        error.retryable = retryable;
        error
    }

    #[tokio::test(start_paused = true)]
    async fn a_passing_fault_is_not_seen() {
        let tries = Cell::new(0);
        let result = retrying(Duration::from_secs(1), || {
            tries.set(tries.get() + 1);
            let now = tries.get();
            async move { if now < 4 { Err(fault(true)) } else { Ok(now) } }
        })
        .await;
        assert_eq!(result.expect("succeeds"), 4);
    }

    #[tokio::test(start_paused = true)]
    async fn a_lasting_fault_ends_within_the_limit() {
        let start = Instant::now();
        let result: Result<(), _> = retrying(Duration::from_secs(2), || async { Err(fault(true)) }).await;
        assert!(result.is_err());
        assert!(start.elapsed() <= Duration::from_secs(2));
        assert!(start.elapsed() > Duration::from_secs(1));
    }

    #[tokio::test]
    async fn what_cannot_get_better_is_tried_once() {
        let tries = Cell::new(0);
        let result: Result<(), _> = retrying(Duration::from_secs(9), || {
            tries.set(tries.get() + 1);
            async { Err(fault(false)) }
        })
        .await;
        assert!(result.is_err());
        assert_eq!(tries.get(), 1);
    }
}
