//! The native half of a MongoDB session store for Express.
//!
//! JavaScript writes operations into a buffer and posts it; everything else happens here, on one
//! background thread: pooling, TLS, authentication, server selection, batching, retries. Results
//! come back in bulk through one completion queue per JavaScript realm.
//!
//! # Layout
//! The way of an operation, from the outside in:
//! - `binding`: every item that Node sees; converts, delegates, returns.
//! - [`submission`]: reads the records that JavaScript posts.
//! - [`channel`]: what one JavaScript realm has open (clients, stores, cursors), and its queue of
//!   [`completion`]s.
//! - [`dispatch`]: sends each record to the store, client or cursor it names.
//! - [`namespace`]: one store's collection, at its [`location`]. [`queue`] decides what goes out together and in which
//!   order, [`pace`] how much at once; [`operation`] runs it, one file per kind of command.
//! - [`command`], [`cursor`], [`indexes`]: what is not a point operation by session id.
//! - [`retry`] and [`deadline`]: the two rules that make every operation end well or soon;
//!   [`absence`]: what waits while there is no server.
//! - [`pool`]: one driver client per distinct configuration in the process, shared and counted;
//!   [`settings`], [`client_options`], [`srv`] and [`tls`] configure it, [`failures`] remembers why its
//!   servers do not answer.
//! - [`stats`]: what commands and connections come to, in numbers.
//! - [`availability`]: whether there is a server, for those who listen.
//! - [`relay`]: TLS by the Node driver's rules, for pools that need them.
//! - [`crypto`]: encryption of sessions at rest.
//! - [`document`]: writes BSON straight into a buffer.
//! - [`error`]: what JavaScript is told when something goes wrong.
//! - [`runtime`]: the one thread all of this runs on.

pub mod absence;
pub mod availability;
mod binding;
pub mod channel;
pub mod client_options;
pub mod command;
pub mod completion;
pub mod crypto;
pub mod cursor;
pub mod deadline;
pub mod dispatch;
pub mod document;
pub mod error;
pub mod failures;
pub mod indexes;
pub mod location;
pub mod namespace;
pub mod operation;
pub mod pace;
pub mod pool;
pub mod queue;
pub mod relay;
pub mod retry;
pub mod runtime;
pub mod settings;
pub mod srv;
pub mod stats;
pub mod submission;
pub mod tls;
