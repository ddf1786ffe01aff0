//! Every operation ends: how long one may take, and what is said when it took longer.

use std::future::Future;
use std::time::Duration;

use tokio::time::{Instant, sleep};

use crate::error::{Error, ErrorKind};
use crate::settings::Settings;

/// Added to `serverSelectionTimeoutMS` for an operation that no option limits, while the server says that it is running
/// the command (it waits for a locked document, say). The Node driver would wait for ever.
pub const RUNNING_GRACE: Duration = Duration::from_secs(60);

/// The longest time between two looks at the clock.
const LOOK: Duration = Duration::from_secs(1);
/// A timer that fires this much too late shows that the process stood still.
const STOOD_STILL: Duration = Duration::from_millis(700);

/// How long the process stood still during a sleep of `asked` that began at `since`: it was suspended (a laptop's
/// lid, SIGSTOP, a frozen function). Nothing if the timer fired about when it should have.
pub fn still_time(since: Instant, asked: Duration) -> Duration {
    let late = since.elapsed().saturating_sub(asked);
    if late < STOOD_STILL { Duration::ZERO } else { late }
}

/// How long something may take, and which error says that it took longer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limit {
    time: Duration,
    error: ErrorKind,
    default: bool,
}

impl Limit {
    /// Of an operation: `timeoutMS`, or this package's default.
    pub fn of_operation(time: Duration) -> Self {
        Self { time, error: ErrorKind::OperationTimeout, default: false }
    }

    /// Of a server's answer: `socketTimeoutMS`.
    pub fn of_answer(time: Duration) -> Self {
        Self { time, error: ErrorKind::NetworkTimeout, default: false }
    }

    /// Of an operation that no option limits.
    pub fn by_default(time: Duration) -> Self {
        Self { default: true, ..Self::of_operation(time) }
    }

    /// How long it is.
    pub fn time(&self) -> Duration {
        self.time
    }

    /// Whether no option set it.
    pub fn is_default(&self) -> bool {
        self.default
    }

    /// The error of what takes longer.
    pub fn error(&self) -> Error {
        Error::new(
            self.error,
            format!("Timed out after {} ms: the server did not answer", self.time.as_millis()),
        )
    }
}

/// How long operations of a pool may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// From the call to its end, retries included.
    pub operation: Limit,
    /// The same while the server says that it is running the command.
    pub operation_running: Limit,
    /// As `operation`, for commands the application wrote itself: those may run for as long as it
    /// likes unless `timeoutMS` or `socketTimeoutMS` says otherwise.
    pub command: Option<Limit>,
    /// How long after its first failure an operation may be sent once more.
    pub retry: Duration,
    /// The same for reads, which `retryReads` concerns.
    pub retry_reads: Duration,
}

impl Limits {
    /// Reads the limits from a pool's settings; a timeout of 0 means none, as in the Node driver.
    pub fn new(settings: &Settings) -> Self {
        let given = |value: Option<u64>| value.filter(|&ms| ms > 0).map(Duration::from_millis);
        let selection = settings.server_selection_timeout();
        // The driver does not say when it has found a server and waits for the answer.
        let socket = given(settings.socket_timeout_ms).map(|socket| Limit::of_answer(selection + socket));
        let command = given(settings.timeout_ms).map(Limit::of_operation).or(socket);
        let retry_reads = if settings.retry_reads == Some(false) { Duration::ZERO } else { selection };
        Self {
            operation: command.unwrap_or(Limit::by_default(selection)),
            operation_running: command.unwrap_or(Limit::by_default(selection + RUNNING_GRACE)),
            command,
            retry: selection,
            retry_reads,
        }
    }
}

/// Runs `work`, for `limit` at most.
///
/// # Errors
/// The limit's when the time is over; dropping the work closes its connection.
pub async fn within<T>(
    limit: Option<Limit>,
    work: impl Future<Output = Result<T, Error>>,
) -> Result<T, Error> {
    let Some(limit) = limit else { return work.await };
    match running_timeout(limit.time, work).await {
        Some(result) => result,
        None => Err(limit.error()),
    }
}

/// Waits for `work`, for `time` at most. While the process stands still (suspended, say), no time is counted.
pub async fn running_timeout<T>(time: Duration, work: impl Future<Output = T>) -> Option<T> {
    tokio::pin!(work);
    let mut left = time;
    while !left.is_zero() {
        let (since, look) = (Instant::now(), left.min(LOOK));
        tokio::select! {
            biased;
            value = &mut work => return Some(value),
            () = sleep(look) => left = left.saturating_sub(since.elapsed() - still_time(since, look)),
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn limits(json: &str) -> Limits {
        Limits::new(&Settings::from_json(json).expect("valid"))
    }

    #[test]
    fn without_options_an_operation_gets_the_documented_default() {
        assert_eq!(limits("{}").operation, Limit::by_default(Duration::from_secs(30)));
        assert_eq!(limits("{}").operation_running, Limit::by_default(Duration::from_secs(90)));
        assert_eq!(limits("{}").command, None);
    }

    #[test]
    fn timeout_ms_is_the_limit_and_zero_is_none() {
        let limit = Limit::of_operation(Duration::from_millis(250));
        assert_eq!(limits(r#"{"timeoutMS":250,"socketTimeoutMS":9}"#).operation, limit);
        assert_eq!(limits(r#"{"timeoutMS":0}"#), limits("{}"));
    }

    #[test]
    fn socket_timeout_ms_comes_after_looking_for_a_server() {
        let limits = limits(r#"{"socketTimeoutMS":9,"serverSelectionTimeoutMS":5}"#);
        assert_eq!(limits.operation, Limit::of_answer(Duration::from_millis(14)));
        assert_eq!(limits.command, Some(limits.operation));
    }

    #[test]
    fn reads_are_sent_once_where_the_application_asks_for_that() {
        assert_eq!(limits(r#"{"retryReads":false}"#).retry_reads, Duration::ZERO);
        assert_eq!(limits("{}").retry_reads, limits("{}").retry);
    }

    #[tokio::test(start_paused = true)]
    async fn what_hangs_is_ended_and_says_after_how_long() {
        let never = std::future::pending::<Result<(), Error>>();
        let limit = Limit::of_operation(Duration::from_millis(40));
        let error = within(Some(limit), never).await.expect_err("hangs");
        assert_eq!(error.kind, ErrorKind::OperationTimeout);
        assert!(error.message.contains("40 ms"), "{}", error.message);
    }
}
