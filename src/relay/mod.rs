//! TLS by the Node driver's rules, where the driver's own TLS has none of them.
//!
//! The driver reads certificates and keys from files only, and checks a server's certificate entirely or not at all. What
//! an application holds in memory, and what lies between (the chain and the dates but not the name:
//! `tlsAllowInvalidHostnames`; and what [`verifier`] lists), is done here. The driver's options say that a SOCKS5 proxy
//! without TLS leads to its servers. That proxy is this relay, on a port of 127.0.0.1 that only who knows a random
//! password may use. It opens the connection, does the handshake and copies bytes.
//!
//! Logins by `MONGODB-AWS` are done here too ([`aws`]), as what the driver says goes through here unencrypted.
//!
//! An application's own proxy is used by the relay too, with or without TLS: the driver would look its
//! name up on the one thread that everything runs on, and its connections to a proxy wait for
//! acknowledgements.
//!
//! # Layout
//! - [`socks`]: what the driver asks for
//! - [`route`]: the connection to the server, through the application's own proxy if it has one
//! - [`trust`]: certificates and key, of files or of memory; [`verifier`]: which servers to trust;
//!   [`common_name`]: names in certificates without a `subjectAltName`
//! - [`probe`]: whether a pool needs any of this
//! - [`aws`]: logins by `MONGODB-AWS`; [`message`]: what is said in them

pub mod aws;
pub mod common_name;
pub mod message;
pub mod probe;
pub mod route;
pub mod socks;
pub mod trust;
pub mod verifier;

use std::io;
use std::net::Ipv4Addr;
use std::sync::Arc;
use std::time::Duration;

use mongodb::options::Socks5Proxy;
use rustls::pki_types::ServerName;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::{JoinHandle, JoinSet};
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use crate::error::Error;
use crate::failures::Failures;
use aws::Login;
use route::Route;
use socks::{Account, Target};
use trust::Handshake;

/// How long the driver, which is in this process, may take to say where it wants to go.
const GREETING: Duration = Duration::from_secs(10);
/// One TLS record.
const CHUNK: usize = 16 * 1024;
/// Before accepting again when the process has no file descriptor left.
const PAUSE: Duration = Duration::from_millis(100);

/// A running relay; ends, with its connections, when dropped.
#[derive(Debug)]
pub struct Relay {
    port: u16,
    account: Arc<Account>,
    task: JoinHandle<()>,
}

impl Relay {
    /// Starts a relay whose connections are encrypted and checked as `handshake` says, and logged in as `login` says;
    /// without them it passes on what the driver sends.
    ///
    /// # Errors
    /// When no port of 127.0.0.1 can be listened on.
    pub async fn open(
        handshake: Option<Handshake>,
        login: Option<Login>,
        route: Route,
        failures: Arc<Failures>,
    ) -> Result<Self, Error> {
        let unusable = |error: io::Error| Error::internal(format!("cannot listen on 127.0.0.1: {error}"));
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.map_err(unusable)?;
        let port = listener.local_addr().map_err(unusable)?.port();
        let account = Arc::new(Account::random()?);
        let carrier = Carrier { account: Arc::clone(&account), handshake, login, route, failures };
        let task = tokio::spawn(serve(listener, Arc::new(carrier)));
        Ok(Self { port, account, task })
    }

    /// How the driver gets here.
    pub fn proxy(&self) -> Socks5Proxy {
        let mut proxy = Socks5Proxy::builder().host(Ipv4Addr::LOCALHOST.to_string()).build();
        proxy.port = Some(self.port);
        proxy.authentication = Some((self.account.username.clone(), self.account.password.clone()));
        proxy
    }
}

impl Drop for Relay {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn serve(listener: TcpListener, carrier: Arc<Carrier>) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((client, _)) => drop(connections.spawn(Arc::clone(&carrier).carry(client))),
                Err(_) => tokio::time::sleep(PAUSE).await,
            },
            Some(_) = connections.join_next() => {}
        }
    }
}

struct Carrier {
    account: Arc<Account>,
    handshake: Option<Handshake>,
    login: Option<Login>,
    route: Route,
    failures: Arc<Failures>,
}

impl Carrier {
    async fn carry(self: Arc<Self>, mut client: TcpStream) {
        // Without it, an answer in several pieces waits for the driver's acknowledgement of the first.
        if client.set_nodelay(true).is_err() {
            return;
        }
        let asked = tokio::time::timeout(GREETING, socks::accept(&mut client, &self.account)).await;
        let Ok(Ok(target)) = asked else { return };
        let address = target.to_string();
        // The driver sees a connection that ends, as it would of its own TLS; the reason is kept.
        let carried = match &self.handshake {
            Some(handshake) => match connect(&target, handshake, &self.route).await {
                Ok(server) => self.serve(client, server, &address).await,
                Err(error) => Err(error),
            },
            None => match connect_plain(&target, &self.route).await {
                Ok(server) => self.serve(client, server, &address).await,
                Err(error) => Err(error),
            },
        };
        if let Err(error) = carried {
            self.failures.failed(&address, &error);
        }
    }

    /// Serves a connection that is open, until one side ends.
    ///
    /// # Errors
    /// Why the server's side ended, unless it just did.
    async fn serve(
        &self,
        mut client: TcpStream,
        mut server: impl AsyncRead + AsyncWrite + Unpin,
        address: &str,
    ) -> io::Result<()> {
        self.failures.opened(address);
        let logged_in = match &self.login {
            Some(login) => login.conduct(&mut client, &mut server, acknowledge).await?,
            None => true,
        };
        if logged_in { copy(client, server).await } else { Ok(()) }
    }
}

/// Connects to a server and agrees on encryption with it.
///
/// # Errors
/// As the system's and the TLS library's; `TimedOut` when it takes longer than the route may.
pub async fn connect(
    target: &Target,
    handshake: &Handshake,
    route: &Route,
) -> io::Result<TlsStream<TcpStream>> {
    let shaking = async {
        let name = match &handshake.server_name {
            Some(name) => name.clone(),
            None => ServerName::try_from(target.host.as_str()).map_err(io::Error::other)?.to_owned(),
        };
        let stream = route.open(target).await?;
        TlsConnector::from(Arc::clone(&handshake.config)).connect(name, stream).await
    };
    tokio::time::timeout(route.limit, shaking).await.unwrap_or(Err(io::ErrorKind::TimedOut.into()))
}

/// Connects to a server and leaves encryption to the driver.
///
/// # Errors
/// The system's or the proxy's; `TimedOut` when it takes longer than the route may.
async fn connect_plain(target: &Target, route: &Route) -> io::Result<TcpStream> {
    tokio::time::timeout(route.limit, route.open(target)).await.unwrap_or(Err(io::ErrorKind::TimedOut.into()))
}

/// Copies both ways until one side ends.
///
/// # Errors
/// Why the server's side ended, unless it just did.
async fn copy(client: TcpStream, server: impl AsyncRead + AsyncWrite) -> io::Result<()> {
    let (mut from_client, mut to_client) = client.into_split();
    let (mut from_server, mut to_server) = tokio::io::split(server);
    tokio::select! {
        up = pump(&mut from_client, &mut to_server, |client| acknowledge(client.as_ref())) => match up {
            Ended::Writing(error) => Err(error),
            Ended::Reading(_) => {
                // An orderly end of TLS: the server sees that the connection was not cut.
                let _ = tokio::time::timeout(PAUSE, to_server.shutdown()).await;
                Ok(())
            }
        },
        down = pump(&mut from_server, &mut to_client, |_| {}) => match down {
            Ended::Reading(Some(error)) => Err(error),
            Ended::Reading(None) | Ended::Writing(_) => Ok(()),
        },
    }
}

/// The driver's socket holds back the end of a message until its beginning is acknowledged (the driver
/// does not set `TCP_NODELAY`), and the system holds back the acknowledgement for 40 ms unless asked to hurry.
fn acknowledge(client: &TcpStream) {
    #[cfg(any(target_os = "linux", target_os = "android"))]
    // Where it cannot be had, it is slower.
    let _ = client.set_quickack(true);
    #[cfg(not(any(target_os = "linux", target_os = "android")))]
    let _ = client;
}

enum Ended {
    Reading(Option<io::Error>),
    Writing(io::Error),
}

async fn pump<R: AsyncRead + Unpin>(
    from: &mut R,
    to: &mut (impl AsyncWrite + Unpin),
    after_reading: impl Fn(&R),
) -> Ended {
    let mut buffer = vec![0; CHUNK];
    loop {
        let read = match from.read(&mut buffer).await {
            Ok(0) => return Ended::Reading(None),
            Ok(read) => read,
            Err(error) => return Ended::Reading(Some(error)),
        };
        after_reading(from);
        let written = async {
            to.write_all(&buffer[..read]).await?;
            to.flush().await
        };
        if let Err(error) = written.await {
            return Ended::Writing(error);
        }
    }
}
