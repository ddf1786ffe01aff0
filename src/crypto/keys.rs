//! Keys from secrets.
//!
//! Every process of an application must arrive at the same key, so the salts are constants: they keep
//! these keys apart from whatever else the secret is used for.

use std::num::NonZeroU32;

use ring::{hkdf, hmac, pbkdf2};
use serde::Deserialize;

use crate::settings;

const SALT: &[u8] = b"connect-mongodb-session";
const MASTER: &[u8] = b"session encryption v1";
const ID: &[u8] = b"key id v1";
/// For PBKDF2-HMAC-SHA-256, as OWASP recommends.
const ITERATIONS: NonZeroU32 = match NonZeroU32::new(600_000) {
    Some(iterations) => iterations,
    None => NonZeroU32::MIN,
};

/// One of the secrets that an application gives.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub enum Secret {
    /// Random bytes, in hexadecimal.
    Key(settings::Secret),
    /// Text that people may have thought up.
    Passphrase(settings::Secret),
}

/// What records are encrypted under.
pub struct Key {
    /// Names the key in the records that were encrypted under it. Nobody learns anything of the key from it.
    pub id: [u8; 4],
    /// Each record's own key is derived from this one.
    pub master: hmac::Key,
}

impl std::fmt::Debug for Key {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Key").field("id", &self.id).finish_non_exhaustive()
    }
}

impl Secret {
    /// Derives the key: at once from random bytes, in some tenths of a second from a passphrase.
    pub fn derive(&self) -> Key {
        match self {
            Self::Key(bytes) => Key::new(&unhex(bytes.expose())),
            Self::Passphrase(text) => {
                let mut stretched = [0; 32];
                pbkdf2::derive(
                    pbkdf2::PBKDF2_HMAC_SHA256,
                    ITERATIONS,
                    SALT,
                    text.expose().as_bytes(),
                    &mut stretched,
                );
                Key::new(&stretched)
            }
        }
    }
}

impl Key {
    fn new(material: &[u8]) -> Self {
        let derived = hkdf::Salt::new(hkdf::HKDF_SHA256, SALT).extract(material);
        let mut id = [0; 4];
        id.copy_from_slice(&expand(&derived, ID)[..4]);
        Self { id, master: hmac::Key::new(hmac::HMAC_SHA256, &expand(&derived, MASTER)) }
    }
}

fn expand(derived: &hkdf::Prk, purpose: &[u8]) -> [u8; 32] {
    let mut bytes = [0; 32];
    derived
        .expand(&[purpose], hkdf::HKDF_SHA256)
        .and_then(|okm| okm.fill(&mut bytes))
        .expect("32 bytes are what HKDF-SHA-256 gives at once");
    bytes
}

/// Reads hexadecimal, which JavaScript has written. Any other character counts as 0.
fn unhex(text: &str) -> Vec<u8> {
    let digit = |byte: u8| (byte as char).to_digit(16).unwrap_or(0) as u8;
    text.as_bytes().chunks_exact(2).map(|pair| digit(pair[0]) << 4 | digit(pair[1])).collect()
}
