//! The one tokio runtime of the process.

use once_cell::sync::OnceCell;
use tokio::runtime::{Builder, Handle, Runtime};

use crate::error::Error;

/// Address space for the stack of each thread: memory is taken for what is used of it.
const STACK_BYTES: usize = 16 << 20;

/// The handle of the shared runtime, started on first use.
///
/// One worker thread: two were measured slower on two cores that the server shares. The runtime
/// is never torn down: a process that exits takes the thread with it, and nothing on it outlives
/// the process in a way that could crash it.
///
/// # Errors
/// When the operating system refuses to start a thread. The next call tries again.
pub fn handle() -> Result<&'static Handle, Error> {
    static RUNTIME: OnceCell<Runtime> = OnceCell::new();
    RUNTIME.get_or_try_init(start).map(Runtime::handle)
}

fn start() -> Result<Runtime, Error> {
    Builder::new_multi_thread()
        .worker_threads(1)
        .thread_name("mongodb-session")
        // The driver reads documents within documents by recursion.
        .thread_stack_size(STACK_BYTES)
        .enable_all()
        .build()
        .map_err(|error| Error::internal(format!("the background thread could not be started: {error}")))
}
