//! The native half of a MongoDB session store for Express.
//!
//! JavaScript writes operations into a buffer and posts it; everything else happens here, on one
//! background thread: pooling, TLS, authentication, server selection, batching, retries. Results
//! come back in bulk through one completion queue per JavaScript realm.
//!
//! # Layout
//! The way of an operation, from the outside in:
//! - `binding`: every item that Node sees; converts, delegates, returns.
//! - [`request`]: what JavaScript posts, read once into a [`request::Request`]; [`dispatch`] matches it once and sends
//!   it to the store, client or cursor that it is about.
//! - [`realm`]: what one JavaScript realm has open; [`reply`] and [`completion`]: the way back to it.
//! - [`difference`]: what of a session a save changes; JavaScript asks before it posts the save.
//! - [`engine`]: one store at work. [`queue`] decides what goes out together and in which order ([`session_op`] is what
//!   can be asked of one session), [`pacing`] how much at once.
//! - [`operation`]: the commands, one file per kind; [`store`] and [`store_config`]: what they need to know of a store.
//! - [`delivery`]: sends one command until it is over. [`write_sessions`]: why a command that arrives twice is applied
//!   once; [`diagnosis`]: whether a command without an answer is slow or lost; [`throttle`]: servers that ask for time;
//!   [`clock`]: when a command is overdue, by a thread of its own.
//! - [`command`], [`cursor`], [`indexes`]: what is not about one session; [`retry`] and [`deadline`]: how it ends.
//! - [`availability`]: the one answer to "is there a server, and which one takes writes?".
//! - [`pool`]: one driver client per distinct configuration in the process, shared and counted, and replaced where DNS
//!   names other servers;
//!   [`settings`], [`client_options`], [`srv`] and [`tls`] configure it, [`failures`] remembers why its
//!   servers do not answer, [`deployment`] which of them are not asked for, [`advice`] what to do about it.
//! - [`login_questions`]: what logins ask JavaScript for; [`tokens`]: logins by OpenID Connect.
//! - [`watch`]: what others change in a store's collection, as it happens.
//! - [`stats`]: what commands and connections come to, in numbers.
//! - [`relay`]: TLS by the Node driver's rules, and logins by `MONGODB-AWS`, for pools that need them.
//! - [`crypto`]: encryption of sessions at rest.
//! - [`document`]: writes BSON straight into a buffer.
//! - [`error`]: errors, as JavaScript gets them; [`driver_texts`]: what others say in words only.
//! - [`runtime`]: the one thread all of this runs on.

pub mod advice;
pub mod availability;
mod binding;
pub mod client_options;
pub mod clock;
pub mod command;
pub mod completion;
pub mod crypto;
pub mod cursor;
pub mod deadline;
pub mod delivery;
pub mod deployment;
pub mod diagnosis;
pub mod difference;
pub mod dispatch;
pub mod document;
pub mod driver_texts;
pub mod engine;
pub mod error;
pub mod failures;
pub mod indexes;
pub mod login_questions;
pub mod operation;
pub mod pacing;
pub mod pool;
pub mod queue;
pub mod realm;
pub mod relay;
pub mod reply;
pub mod request;
pub mod retry;
pub mod runtime;
pub mod session_op;
pub mod settings;
pub mod srv;
pub mod stats;
pub mod store;
pub mod store_config;
pub mod throttle;
pub mod tls;
pub mod tokens;
pub mod watch;
pub mod write_sessions;
