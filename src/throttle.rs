//! Servers that are asked too much at once, and say so.
//!
//! Azure Cosmos answers a request that is over its share with error 16500 (the service's 429), for a command or for
//! single statements of it, and writes into the message how long to wait:
//! <https://learn.microsoft.com/azure/cosmos-db/mongodb/error-codes-solutions>.

use std::time::Duration;

/// Request rate is large.
const TOO_MANY_REQUESTS: i32 = 16500;
/// Where the server does not say how long to wait.
const DEFAULT_PAUSE: Duration = Duration::from_millis(100);
/// A server that asks for more is asked again after this.
const LONGEST_PAUSE: Duration = Duration::from_secs(5);
/// What stands before the number of milliseconds in the server's message.
const FIELD: &str = "RetryAfterMs=";

/// How long to wait before a statement that failed with this code is sent again; none if it is no matter of waiting.
pub fn pause(code: Option<i32>, message: &str) -> Option<Duration> {
    if code != Some(TOO_MANY_REQUESTS) {
        return None;
    }
    let digits = message.split_once(FIELD).map_or("", |(_, rest)| rest);
    let digits = &digits[..digits.bytes().take_while(u8::is_ascii_digit).count()];
    let pause = digits.parse().map_or(DEFAULT_PAUSE, Duration::from_millis);
    Some(pause.clamp(Duration::from_millis(1), LONGEST_PAUSE))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_servers_own_time_is_waited_for() {
        let message =
            "Error=16500, RetryAfterMs=481, Details='Response status code does not indicate success";
        assert_eq!(pause(Some(16500), message), Some(Duration::from_millis(481)));
        assert_eq!(pause(Some(16500), "RetryAfterMs=0,"), Some(Duration::from_millis(1)));
        assert_eq!(pause(Some(16500), "RetryAfterMs=99999999"), Some(LONGEST_PAUSE));
    }

    #[test]
    fn a_message_without_a_time_is_waited_for_as_well() {
        for message in [
            "Request rate is large",
            "RetryAfterMs=",
            "RetryAfterMs=-1",
            "RetryAfterMs=99999999999999999999999",
        ] {
            assert_eq!(pause(Some(16500), message), Some(DEFAULT_PAUSE), "{message}");
        }
    }

    #[test]
    fn other_errors_are_no_matter_of_waiting() {
        assert_eq!(pause(Some(11000), "RetryAfterMs=5"), None);
        assert_eq!(pause(None, "RetryAfterMs=5"), None);
    }
}
