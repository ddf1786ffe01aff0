//! The connection to a server: straight, or through the application's own SOCKS5 proxy.

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use fast_socks5::client::{Config, Socks5Stream};
use fast_socks5::util::target_addr::ToTargetAddr;
use fast_socks5::{AuthenticationMethod, Socks5Command, SocksError};
use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use socket2::{SockRef, TcpKeepalive};
use tokio::net::TcpStream;

use super::socks::Target;
use crate::failures::At;
use crate::settings::Proxy;

/// How long one of a name's addresses is tried alone before the next one is tried as well, as in the driver.
const HEAD_START: Duration = Duration::from_millis(250);
/// As the driver's.
const KEEPALIVE: Duration = Duration::from_secs(120);
const PROXY_PORT: u16 = 1080;

/// How to get to servers.
#[derive(Clone, Debug)]
pub struct Route {
    /// The application's proxy.
    pub proxy: Option<Proxy>,
    /// For opening a connection, encryption included.
    pub limit: Duration,
}

impl Route {
    /// Connects.
    ///
    /// # Errors
    /// The system's, or what the proxy says.
    pub async fn open(&self, target: &Target) -> io::Result<TcpStream> {
        let Some(proxy) = &self.proxy else { return dial(&target.host, target.port).await };
        let port = proxy.port.unwrap_or(PROXY_PORT);
        let stream = dial(&proxy.host, port).await.map_err(|error| At::proxy(&proxy.host, port, error))?;
        let account = proxy.username.clone().zip(proxy.password.as_ref()).map(|(username, password)| {
            AuthenticationMethod::Password { username, password: password.expose().to_owned() }
        });
        let to = (target.host.as_str(), target.port).to_target_addr()?;
        let mut through =
            Socks5Stream::use_stream(stream, account, Config::default()).await.map_err(proxy_error)?;
        through.request(Socks5Command::TCPConnect, to).await.map_err(proxy_error)?;
        Ok(through.get_socket())
    }
}

fn proxy_error(error: SocksError) -> io::Error {
    match error {
        SocksError::Io(error) => error,
        other => io::Error::other(format!("the SOCKS5 proxy did not connect: {other}")),
    }
}

/// Connects to whichever of a name's addresses answers first.
async fn dial(host: &str, port: u16) -> io::Result<TcpStream> {
    let addresses: Vec<SocketAddr> = tokio::net::lookup_host((host, port)).await?.collect();
    let mut waiting = alternating(addresses).into_iter();
    let mut attempts = FuturesUnordered::new();
    let mut failure = None;
    loop {
        match waiting.next() {
            Some(address) => attempts.push(dial_address(address)),
            None if attempts.is_empty() => break,
            None => {}
        }
        let head_start = if waiting.len() > 0 { HEAD_START } else { Duration::MAX };
        match tokio::time::timeout(head_start, attempts.next()).await {
            Ok(Some(Ok(stream))) => return Ok(stream),
            Ok(Some(Err(error))) => drop(failure.get_or_insert(error)),
            Ok(None) | Err(_) => {}
        }
    }
    Err(failure.unwrap_or_else(|| io::ErrorKind::AddrNotAvailable.into()))
}

async fn dial_address(address: SocketAddr) -> io::Result<TcpStream> {
    let stream = TcpStream::connect(address).await?;
    stream.set_nodelay(true)?;
    SockRef::from(&stream).set_tcp_keepalive(&TcpKeepalive::new().with_time(KEEPALIVE))?;
    Ok(stream)
}

/// Addresses of both families in turn, IPv6 first.
fn alternating(addresses: Vec<SocketAddr>) -> Vec<SocketAddr> {
    let (v6, v4): (Vec<_>, Vec<_>) = addresses.into_iter().partition(SocketAddr::is_ipv6);
    let longest = v6.len().max(v4.len());
    (0..longest).flat_map(|index| [v6.get(index), v4.get(index)]).flatten().copied().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn route() -> Route {
        Route { proxy: None, limit: Duration::from_secs(5) }
    }

    #[test]
    fn families_take_turns() {
        let list = ["1.1.1.1:1", "2.2.2.2:1", "[::1]:1"].map(|text| text.parse().expect("valid"));
        let order: Vec<String> = alternating(list.to_vec()).iter().map(ToString::to_string).collect();
        assert_eq!(order, ["[::1]:1", "1.1.1.1:1", "2.2.2.2:1"]);
    }

    #[tokio::test]
    async fn a_name_is_reached_by_the_address_that_answers() {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("free");
        let port = listener.local_addr().expect("bound").port();
        let target = Target { host: "localhost".into(), port };
        assert_eq!(route().open(&target).await.expect("listens").peer_addr().expect("open").port(), port);
    }

    #[tokio::test]
    async fn nobody_there_is_the_systems_error() {
        let target = Target { host: "127.0.0.1".into(), port: 1 };
        let error = route().open(&target).await.expect_err("nobody listens");
        assert_eq!(error.kind(), io::ErrorKind::ConnectionRefused);
    }
}
