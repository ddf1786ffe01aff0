//! The one tokio runtime of the process.

use std::sync::OnceLock;

use tokio::runtime::{Builder, Handle, Runtime};

/// Address space for the stack of each thread: memory is taken for what is used of it.
const STACK_BYTES: usize = 16 << 20;

/// The handle of the shared runtime, started on first use.
///
/// One worker thread: two were measured slower on two cores that the server shares. The runtime
/// is never torn down: a process that exits takes the thread with it, and nothing on it outlives
/// the process in a way that could crash it.
///
/// # Panics
/// Only when the operating system refuses to start a thread at all.
pub fn handle() -> Handle {
    static RUNTIME: OnceLock<Runtime> = OnceLock::new();
    RUNTIME
        .get_or_init(|| {
            Builder::new_multi_thread()
                .worker_threads(1)
                .thread_name("mongodb-session")
                // The driver reads documents within documents by recursion.
                .thread_stack_size(STACK_BYTES)
                .enable_all()
                .build()
                .expect("the operating system can start a thread")
        })
        .handle()
        .clone()
}
