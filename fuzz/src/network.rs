//! What comes in over the network without MongoDB's protocol.

use std::cell::OnceCell;

use connect_mongodb_session::relay::common_name;
use connect_mongodb_session::relay::socks::{Account, accept};
use tokio::io::AsyncWriteExt;
use tokio::runtime::{Builder, Runtime};

use super::input::{Input, contains};

/// A longer input finds nothing new, and the whole input must fit into the pipe at once.
const LONGEST: usize = 2048;

/// Runs what waits for nothing.
pub fn block_on<T>(future: impl Future<Output = T>) -> T {
    thread_local! {
        static RUNTIME: OnceCell<Runtime> = const { OnceCell::new() };
    }
    RUNTIME.with(|runtime| {
        let runtime =
            runtime.get_or_init(|| Builder::new_current_thread().enable_time().build().expect("a runtime"));
        runtime.block_on(future)
    })
}

/// The relay's client; with an odd first byte one that knows the password. Nobody else gets in.
pub fn socks(bytes: &[u8]) {
    let mut input = Input(bytes);
    let greeting: &[u8] = if input.byte() % 2 == 1 { b"\x05\x02\x00\x02\x01\x02me\x06secret" } else { b"" };
    let said = [greeting, &input.0[..input.0.len().min(LONGEST)]].concat();
    let account = Account { username: "me".into(), password: "secret".into() };
    let accepted = block_on(async {
        let (mut client, mut server) = tokio::io::duplex(2 * LONGEST);
        client.write_all(&said).await.expect("it fits");
        client.shutdown().await.expect("open");
        accept(&mut server, &account).await
    });
    if let Ok(target) = accepted {
        assert!(contains(&said, b"me\x06secret"), "somebody without the password got in");
        assert!(target.host.len() < 256);
    }
}

/// The subject of a server's certificate and a host's name: it names no host that is not in it.
pub fn certificate(bytes: &[u8]) {
    let mut input = Input(bytes);
    let host = input.text();
    if common_name::names(input.0, &host) {
        let host = host.trim_end_matches('.').to_ascii_lowercase();
        let parent = host.split_once('.').map_or(host.as_str(), |(_, parent)| parent);
        let subject = input.0.to_ascii_lowercase();
        assert!(contains(&subject, parent.as_bytes()), "the certificate is of another host");
        assert!(!host.is_empty(), "no host at all");
    }
}
