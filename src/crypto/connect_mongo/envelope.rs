//! What connect-mongo stored in the place of a session, taken apart.

use std::num::NonZeroU32;

use base64::Engine;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use ring::{digest, hmac, pbkdf2};
use serde::Deserialize;

use super::{KEY_BYTES, refused};
use crate::error::Error;

/// A sequence of octet strings is all that kruptein writes of ASN.1's DER.
const SEQUENCE: u8 = 0x30;
const OCTETS: u8 = 0x04;
/// Ciphertext, signature, nonce, salt, tag and associated data.
const FIELDS: usize = 6;

const fn rounds(number: u32) -> NonZeroU32 {
    match NonZeroU32::new(number) {
        Some(rounds) => rounds,
        None => NonZeroU32::MIN,
    }
}

/// The function of HMAC and PBKDF2. No envelope names it; the length of the signature does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Hash {
    Sha256,
    Sha384,
    Sha512,
}

impl Hash {
    fn of_length(bytes: usize) -> Option<Self> {
        match bytes {
            32 => Some(Self::Sha256),
            48 => Some(Self::Sha384),
            64 => Some(Self::Sha512),
            _ => None,
        }
    }

    pub(super) fn signing(self) -> hmac::Algorithm {
        match self {
            Self::Sha256 => hmac::HMAC_SHA256,
            Self::Sha384 => hmac::HMAC_SHA384,
            Self::Sha512 => hmac::HMAC_SHA512,
        }
    }

    pub(super) fn stretching(self) -> pbkdf2::Algorithm {
        match self {
            Self::Sha256 => pbkdf2::PBKDF2_HMAC_SHA256,
            Self::Sha384 => pbkdf2::PBKDF2_HMAC_SHA384,
            Self::Sha512 => pbkdf2::PBKDF2_HMAC_SHA512,
        }
    }

    fn digest(self, text: &str) -> digest::Digest {
        let algorithm = match self {
            Self::Sha256 => &digest::SHA256,
            Self::Sha384 => &digest::SHA384,
            Self::Sha512 => &digest::SHA512,
        };
        digest::digest(algorithm, text.as_bytes())
    }
}

/// How bytes are written as text: the option `encodeas` of connect-mongo.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Encoding {
    Hex,
    /// In either alphabet, padded or not.
    Base64,
}

const BASE64: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true),
);

impl Encoding {
    fn of(text: &str) -> Self {
        if text.bytes().all(|byte| byte.is_ascii_hexdigit()) { Self::Hex } else { Self::Base64 }
    }

    fn decode(self, text: &str) -> Option<Vec<u8>> {
        match self {
            Self::Hex => {
                let pairs = text.as_bytes().chunks_exact(2);
                pairs.map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()).collect()
            }
            Self::Base64 => BASE64.decode(text.replace('-', "+").replace('_', "/")).ok(),
        }
    }

    fn encode(self, bytes: &[u8]) -> String {
        match self {
            Self::Hex => bytes.iter().map(|byte| format!("{byte:02x}")).collect(),
            Self::Base64 => BASE64.encode(bytes),
        }
    }
}

/// One encrypted session.
pub(super) struct Envelope {
    pub(super) ciphertext: Vec<u8>,
    pub(super) signature: Vec<u8>,
    pub(super) nonce: Vec<u8>,
    pub(super) tag: Vec<u8>,
    pub(super) associated: Vec<u8>,
    pub(super) hash: Hash,
    form: Form,
}

/// The form of an envelope, which depends on the version that wrote it.
enum Form {
    /// connect-mongo 3: the ciphertext as text.
    Own { text: String, encoding: Encoding },
    /// kruptein before 3.4: the ciphertext as text.
    Text { text: Vec<u8>, salt: Vec<u8> },
    /// kruptein 3.4.
    Bytes { salt: Vec<u8> },
}

/// One way in which an envelope may have been made.
pub(super) struct Scheme {
    pub(super) rounds: NonZeroU32,
    pub(super) salt: Salt,
    /// What the signature is of.
    pub(super) signed: Vec<u8>,
}

/// Where the salt of a key is from.
pub(super) enum Salt {
    /// The envelope: the key is what PBKDF2 gives.
    Stored(Vec<u8>),
    /// The secret: connect-mongo 3 took the beginning of its hash as text, and the same of what PBKDF2 gave.
    OfSecret(Encoding),
}

impl Salt {
    pub(super) fn bytes(&self, secret: &str, hash: Hash) -> Vec<u8> {
        match self {
            Self::Stored(salt) => salt.clone(),
            Self::OfSecret(encoding) => {
                let mut text = encoding.encode(hash.digest(secret).as_ref()).into_bytes();
                text.truncate(16);
                text
            }
        }
    }

    pub(super) fn key(&self, stretched: &[u8; 2 * KEY_BYTES]) -> [u8; KEY_BYTES] {
        let mut key = [0; KEY_BYTES];
        match self {
            Self::Stored(_) => key.copy_from_slice(&stretched[..KEY_BYTES]),
            Self::OfSecret(encoding) => {
                let text = encoding.encode(stretched);
                key.copy_from_slice(&text.as_bytes()[..KEY_BYTES]);
            }
        }
        key
    }
}

/// Bytes in JSON, as Node writes a buffer, or as text.
#[derive(Deserialize)]
#[serde(untagged)]
enum Octets {
    Buffer { data: Vec<u8> },
    Text(String),
}

impl Octets {
    fn bytes(self, encoding: Encoding) -> Option<Vec<u8>> {
        match self {
            Self::Buffer { data } => Some(data),
            Self::Text(text) => encoding.decode(&text),
        }
    }
}

/// An envelope in JSON: of connect-mongo 3, and of kruptein 2.2.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct JsonEnvelope {
    hmac: String,
    ct: String,
    iv: Octets,
    #[serde(default)]
    salt: Option<Octets>,
    at: Octets,
    aad: String,
}

impl Envelope {
    /// Takes a stored session apart; nothing where it is not encrypted.
    ///
    /// # Errors
    /// When it is, in a way that is not read here.
    pub(super) fn read(stored: &str) -> Result<Option<Self>, Error> {
        // connect-mongo 3 wrote its JSON as a string of JSON once more.
        let unwrapped: Option<String> =
            if stored.starts_with('"') { serde_json::from_str(stored).ok() } else { None };
        let text = unwrapped.as_deref().unwrap_or(stored);
        if text.starts_with('{') {
            return Ok(serde_json::from_str(text).ok().and_then(Self::from_json));
        }
        let encoding = Encoding::of(text);
        let bytes = encoding.decode(text);
        let Some(fields) = bytes.as_deref().and_then(octet_strings) else { return Ok(None) };
        if fields.len() != FIELDS {
            return Err(refused("connect-mongo encrypted it with something else than AES-256-GCM"));
        }
        Ok(Self::from_fields(&fields, encoding))
    }

    fn from_json(JsonEnvelope { hmac, ct, iv, salt, at, aad }: JsonEnvelope) -> Option<Self> {
        let encoding = Encoding::of(&hmac);
        let signature = encoding.decode(&hmac)?;
        let (nonce, associated, form) = match (salt, iv) {
            (Some(salt), iv) => {
                let form = Form::Text { text: ct.clone().into_bytes(), salt: salt.bytes(encoding)? };
                (iv.bytes(encoding)?, encoding.decode(&aad)?, form)
            }
            // The texts themselves were given to the cipher.
            (None, Octets::Text(iv)) => {
                (iv.into_bytes(), aad.into_bytes(), Form::Own { text: ct.clone(), encoding })
            }
            (None, Octets::Buffer { .. }) => return None,
        };
        Some(Self {
            ciphertext: encoding.decode(&ct)?,
            hash: Hash::of_length(signature.len())?,
            signature,
            nonce,
            tag: at.bytes(encoding)?,
            associated,
            form,
        })
    }

    fn from_fields(fields: &[&[u8]], encoding: Encoding) -> Option<Self> {
        let &[ciphertext, signature, nonce, salt, tag, associated] = fields else { return None };
        let (nonce, salt, tag) = (nonce.to_vec(), salt.to_vec(), tag.to_vec());
        if let Some(hash) = Hash::of_length(signature.len()).filter(|_| !is_encoded_hash(signature, encoding))
        {
            let (ciphertext, signature, associated) =
                (ciphertext.to_vec(), signature.to_vec(), associated.to_vec());
            return Some(Self {
                ciphertext,
                signature,
                nonce,
                tag,
                associated,
                hash,
                form: Form::Bytes { salt },
            });
        }
        let decode = |bytes: &[u8]| encoding.decode(std::str::from_utf8(bytes).ok()?);
        let signature = decode(signature)?;
        Some(Self {
            ciphertext: decode(ciphertext)?,
            hash: Hash::of_length(signature.len())?,
            signature,
            nonce,
            tag,
            associated: decode(associated)?,
            form: Form::Text { text: ciphertext.to_vec(), salt },
        })
    }

    /// The ways in which it may have been made, the most common first.
    pub(super) fn schemes(&self) -> Vec<Scheme> {
        let stored = |number, salt: &[u8], signed| Scheme {
            rounds: rounds(number),
            salt: Salt::Stored(salt.to_vec()),
            signed,
        };
        match &self.form {
            Form::Own { text, encoding } => vec![Scheme {
                rounds: rounds(10_000),
                salt: Salt::OfSecret(*encoding),
                signed: text.clone().into_bytes(),
            }],
            Form::Text { text, salt } => {
                let lossy = |bytes| String::from_utf8_lossy(bytes).into_owned().into_bytes();
                let all = [text.clone(), lossy(salt), lossy(&self.nonce)].concat();
                vec![
                    stored(15_000, salt, text.clone()),
                    stored(15_000, salt, all.clone()),
                    stored(20_000, salt, all),
                ]
            }
            Form::Bytes { salt } => {
                let all = [self.ciphertext.as_slice(), salt.as_slice(), self.nonce.as_slice()].concat();
                vec![stored(20_000, salt, all)]
            }
        }
    }
}

/// Whether a signature is the text of a shorter one: as many characters as a longer one has bytes.
fn is_encoded_hash(signature: &[u8], encoding: Encoding) -> bool {
    let text = std::str::from_utf8(signature).ok();
    let decoded = text.and_then(|text| encoding.decode(text));
    decoded.and_then(|bytes| Hash::of_length(bytes.len())).is_some()
}

/// The octet strings of a DER sequence that has nothing else, and nothing behind it.
fn octet_strings(bytes: &[u8]) -> Option<Vec<&[u8]>> {
    let (mut inside, rest) = element(bytes, SEQUENCE)?;
    if !rest.is_empty() {
        return None;
    }
    let mut strings = Vec::new();
    while !inside.is_empty() {
        let (string, rest) = element(inside, OCTETS)?;
        strings.push(string);
        inside = rest;
    }
    Some(strings)
}

/// The content of the first element, which must have this tag, and what is behind it.
fn element(bytes: &[u8], tag: u8) -> Option<(&[u8], &[u8])> {
    let (&first, rest) = bytes.split_first()?;
    let (&short, mut rest) = rest.split_first()?;
    if first != tag {
        return None;
    }
    let mut length = usize::from(short);
    // The low bits say how many bytes of the length follow. No session is as long as five of them say.
    if short & 0x80 != 0 {
        let (digits, behind) = rest.split_at_checked(usize::from(short & 0x7f))?;
        if digits.len() > 4 {
            return None;
        }
        length = digits.iter().fold(0, |sum, &digit| sum << 8 | usize::from(digit));
        rest = behind;
    }
    rest.split_at_checked(length)
}
