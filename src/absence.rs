//! While no server is there: calls wait for one in the queue, each for `serverSelectionTimeoutMS`
//! and no longer, and go out at once when one has come.
//!
//! Sent out instead, each would wait for a server anew from that moment, and those behind it longer
//! still.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::{MissedTickBehavior, interval};

use crate::deadline::{Limit, within};
use crate::namespace::Namespace;

/// How often the waiting are looked through, as a share of how long they may wait.
const LOOKS: u32 = 20;
const SHORTEST: Duration = Duration::from_millis(10);
const LONGEST: Duration = Duration::from_millis(250);

/// Lasts until a server answers or nobody waits any more.
pub async fn last(namespace: Arc<Namespace>) {
    let limit = namespace.pool().settings().server_selection_timeout();
    let mut ticks = interval((limit / LOOKS).clamp(SHORTEST, LONGEST));
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    // Limited, because a server that takes connections may still never answer.
    let ask = || Box::pin(within(Some(Limit::of_operation(limit)), namespace.pool().ping()));
    let mut answer = ask();
    loop {
        tokio::select! {
            found = &mut answer => match found {
                Ok(()) => break,
                Err(error) => {
                    namespace.still_absent(error);
                    answer = ask();
                }
            },
            _ = ticks.tick() => if !namespace.give_up_waiting(limit) { break },
        }
    }
    namespace.resume();
}
