//! The changes that others make in a collection, as they happen.
//!
//! **Problem.** A session that another server of a fleet ends, or that the server's own expiry index removes, is known
//! to the database alone. Its change stream shows them; but it shows this process's own writes just the same, names
//! documents rather than sessions, and breaks whenever a primary changes.
//!
//! **Rule.** One stream per collection and process, whoever asks for it: stores, worker threads, copies of the package.
//! It goes on until the last of them is closed. What this process wrote is recognised and left out ([`own_writes`]);
//! everybody who listens has a queue of their own ([`inbox`]), in the order of the stream.
//!
//! **Invariant.** A change is handed to every listener before the place behind it is taken note of; the stream is opened
//! again behind that place. So a break loses nothing and repeats nothing.
//!
//! **Why nothing else suffers.** The stream has a client, and with it connections, of its own; writes take note of
//! themselves under a lock that is held for no longer than it takes to find an id; a listener that does not fetch its
//! changes loses some, hears how many, and holds nobody up.
//!
//! Steps of [`stream`]:
//! 1. Open the stream where the collection was when the store connected, with pre-images where the server knows them.
//! 2. Read each event ([`change`]), leave out what is this process's own, and hand the rest to everybody who listens.
//! 3. After a break, open it behind the last place. Where the server has that place no more, say so and go on from now.
//! 4. A server that knows no change streams, or does not allow them, ends it; everybody who listens hears why.

pub mod change;
pub mod inbox;
pub mod memory;
pub mod own_writes;
pub mod stream;
