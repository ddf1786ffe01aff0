//! The server's half of SOCKS5 (RFC 1928) with a password (RFC 1929), as far as the driver uses it.

use std::fmt;
use std::io;
use std::net::{Ipv4Addr, Ipv6Addr};

use ring::rand::{SecureRandom, SystemRandom};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};

use crate::error::Error;

const VERSION: u8 = 5;
const PASSWORD: u8 = 2;
const NONE_ACCEPTABLE: u8 = 0xff;
const CONNECT: u8 = 1;
const GRANTED: [u8; 10] = [VERSION, 0, 0, 1, 0, 0, 0, 0, 0, 0];

/// Who may use the relay: this process only.
pub struct Account {
    /// Random.
    pub username: String,
    /// Random.
    pub password: String,
}

impl fmt::Debug for Account {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Account([redacted])")
    }
}

impl Account {
    /// A new account, of the cryptographic library's random numbers.
    ///
    /// # Errors
    /// When the system gives none.
    pub fn random() -> Result<Self, Error> {
        let word = || -> Result<String, Error> {
            let mut bytes = [0; 24];
            SystemRandom::new()
                .fill(&mut bytes)
                .map_err(|_| Error::internal("the system gives no random numbers"))?;
            Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
        };
        Ok(Self { username: word()?, password: word()? })
    }
}

/// Where the driver wants to go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    /// A name or an address.
    pub host: String,
    /// Of the server.
    pub port: u16,
}

impl fmt::Display for Target {
    /// As the driver writes addresses.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}:{}", self.host, self.port)
    }
}

/// Lets the client in and grants what it asks for, without having connected yet.
///
/// # Errors
/// When the client does not know the password, or does not speak SOCKS5.
pub async fn accept<S: AsyncRead + AsyncWrite + Unpin>(
    stream: &mut S,
    account: &Account,
) -> io::Result<Target> {
    let [version, methods] = read(stream).await?;
    let methods = read_many(stream, methods).await?;
    if version != VERSION || !methods.contains(&PASSWORD) {
        stream.write_all(&[VERSION, NONE_ACCEPTABLE]).await?;
        return Err(refused());
    }
    stream.write_all(&[VERSION, PASSWORD]).await?;
    let [_, length] = read(stream).await?;
    let username = read_many(stream, length).await?;
    let [length] = read(stream).await?;
    let password = read_many(stream, length).await?;
    let admitted =
        same(&username, account.username.as_bytes()) & same(&password, account.password.as_bytes());
    stream.write_all(&[1, u8::from(!admitted)]).await?;
    if !admitted {
        return Err(refused());
    }
    let [_, command, _, kind] = read(stream).await?;
    let host = match kind {
        1 => Ipv4Addr::from(read::<4>(stream).await?).to_string(),
        4 => Ipv6Addr::from(read::<16>(stream).await?).to_string(),
        3 => {
            let [length] = read(stream).await?;
            String::from_utf8(read_many(stream, length).await?).map_err(|_| refused())?
        }
        _ => return Err(refused()),
    };
    let port = u16::from_be_bytes(read(stream).await?);
    if command != CONNECT {
        return Err(refused());
    }
    stream.write_all(&GRANTED).await?;
    stream.flush().await?;
    Ok(Target { host, port })
}

fn refused() -> io::Error {
    io::ErrorKind::PermissionDenied.into()
}

/// Compares in a time that says nothing of where the difference is.
fn same(one: &[u8], other: &[u8]) -> bool {
    one.len() == other.len() && one.iter().zip(other).fold(0, |sum, (a, b)| sum | (a ^ b)) == 0
}

async fn read<const N: usize>(stream: &mut (impl AsyncRead + Unpin)) -> io::Result<[u8; N]> {
    let mut bytes = [0; N];
    stream.read_exact(&mut bytes).await?;
    Ok(bytes)
}

async fn read_many(stream: &mut (impl AsyncRead + Unpin), count: u8) -> io::Result<Vec<u8>> {
    let mut bytes = vec![0; count.into()];
    stream.read_exact(&mut bytes).await?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn account() -> Account {
        Account { username: "me".into(), password: "secret".into() }
    }

    fn greeting(password: &str) -> Vec<u8> {
        let mut bytes = vec![5, 2, 0, 2, 1, 2];
        bytes.extend(b"me");
        bytes.push(u8::try_from(password.len()).expect("short"));
        bytes.extend(password.as_bytes());
        bytes
    }

    async fn told(bytes: &[u8]) -> io::Result<Target> {
        let (mut client, mut server) = tokio::io::duplex(1024);
        client.write_all(bytes).await.expect("open");
        client.shutdown().await.expect("open");
        accept(&mut server, &account()).await
    }

    #[tokio::test]
    async fn takes_names_and_addresses() {
        let name = [greeting("secret"), vec![5, 1, 0, 3, 1, b'h', 0x69, 0x89]].concat();
        assert_eq!(told(&name).await.expect("granted").to_string(), "h:27017");
        let address = [greeting("secret"), vec![5, 1, 0, 1, 127, 0, 0, 1, 0, 7]].concat();
        assert_eq!(told(&address).await.expect("granted").to_string(), "127.0.0.1:7");
    }

    #[tokio::test]
    async fn lets_nobody_in_without_the_password() {
        for password in ["", "secreu", "secret2"] {
            let bytes = [greeting(password), vec![5, 1, 0, 1, 127, 0, 0, 1, 0, 7]].concat();
            assert_eq!(told(&bytes).await.expect_err(password).kind(), io::ErrorKind::PermissionDenied);
        }
        assert_eq!(told(&[5, 1, 0]).await.expect_err("no password").kind(), io::ErrorKind::PermissionDenied);
    }

    #[tokio::test]
    async fn what_is_cut_short_or_nonsense_is_an_error() {
        let whole = [greeting("secret"), vec![5, 1, 0, 3, 1, b'h', 0x69, 0x89]].concat();
        for length in 0..whole.len() {
            assert!(told(&whole[..length]).await.is_err(), "at {length}");
        }
        let listening = [greeting("secret"), vec![5, 2, 0, 1, 127, 0, 0, 1, 0, 7]].concat();
        assert!(told(&listening).await.is_err());
    }

    #[test]
    fn an_account_is_never_printed() {
        assert!(!format!("{:?}", account()).contains("secret"));
    }
}
