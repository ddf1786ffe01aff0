//! What every fuzz target does with its bytes, in plain Rust: `fuzz_targets/` hands them over from libFuzzer,
//! `__test__/engine/fuzz_corpus.rs` of the package from the archives in `corpus/`.
//!
//! Each function panics where a promise is broken, and says which.

mod difference;
mod input;
mod network;
mod outgoing;
mod replies;
mod settings;
mod stored;

pub use difference::difference;
pub use network::{certificate, socks};
pub use outgoing::{command, submission, writer};
pub use replies::{errors, lookup_reply, write_reply};
pub use settings::{config, settings};
pub use stored::encrypted;

/// What is done with an input.
pub type Target = fn(&[u8]);

/// The targets by name.
pub const TARGETS: [(&str, Target); 12] = [
    ("certificate", certificate),
    ("command", command),
    ("difference", difference),
    ("encrypted", encrypted),
    ("errors", errors),
    ("config", config),
    ("lookup_reply", lookup_reply),
    ("settings", settings),
    ("socks", socks),
    ("submission", submission),
    ("write_reply", write_reply),
    ("writer", writer),
];
