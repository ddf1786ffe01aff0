//! One encrypted value.
//!
//! ```text
//! "cms" 01   4 bytes: the key's id   24 bytes: random   the encrypted BSON document   16 bytes: GCM tag
//! ```
//! The record's key is HMAC-SHA-256(master, "record v1" + the first 12 random bytes), its nonce the other 12:
//! with 24 random bytes no pair of them comes twice, however many sessions are stored. Associated data
//! binds a record to its place: "cms" 01, the field's name, a zero byte, the session's stored id.
//!
//! # Comparisons
//! What is compared byte by byte is public: the first four bytes, and the key's id, which stands in every
//! record. Its tag alone decides whether a record is genuine, and ring compares that in constant time; no
//! other derived value is compared with anything. Ids that are hashed are looked up by the server's index:
//! who measures that learns of hashes, whose inputs cannot be chosen to have a given beginning.

use ring::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use ring::hmac;
use ring::rand::{SecureRandom, SystemRandom};

use super::keys::Key;
use crate::error::{Error, ErrorKind};

const MAGIC: &[u8; 4] = b"cms\x01";
const SUBKEY: &[u8] = b"record v1";
const RANDOM_BYTES: usize = 24;
const HEADER_BYTES: usize = MAGIC.len() + 4 + RANDOM_BYTES;
const TAG_BYTES: usize = 16;

fn refused(reason: &str) -> Error {
    Error::new(ErrorKind::Runtime, format!("the stored session cannot be decrypted: {reason}"))
}

fn key_of(key: &Key, random: &[u8]) -> Result<(LessSafeKey, Nonce), Error> {
    let (salt, nonce) = random.split_at_checked(RANDOM_BYTES / 2).ok_or_else(|| refused("it is cut off"))?;
    let mut context = hmac::Context::with_key(&key.master);
    context.update(SUBKEY);
    context.update(salt);
    let unbound = UnboundKey::new(&AES_256_GCM, context.sign().as_ref());
    let nonce = Nonce::try_assume_unique_for_key(nonce);
    match (unbound, nonce) {
        (Ok(unbound), Ok(nonce)) => Ok((LessSafeKey::new(unbound), nonce)),
        _ => Err(Error::internal("a key or nonce of the wrong size")),
    }
}

fn associated(field: &str, id: &str) -> Aad<Vec<u8>> {
    Aad::from([MAGIC.as_slice(), field.as_bytes(), &[0], id.as_bytes()].concat())
}

/// Encrypts `plain` for one field of the session stored under `id`.
///
/// # Errors
/// When the system has no random numbers.
pub fn seal(key: &Key, field: &str, id: &str, plain: &[u8]) -> Result<Vec<u8>, Error> {
    let mut random = [0; RANDOM_BYTES];
    SystemRandom::new().fill(&mut random).map_err(|_| Error::internal("the system has no random numbers"))?;
    seal_with(random, key, field, id, plain)
}

/// Encrypts with given random bytes; only tests may choose them.
pub(super) fn seal_with(
    random: [u8; RANDOM_BYTES],
    key: &Key,
    field: &str,
    id: &str,
    plain: &[u8],
) -> Result<Vec<u8>, Error> {
    let (sealing, nonce) = key_of(key, &random)?;
    let mut record = Vec::with_capacity(HEADER_BYTES + plain.len() + TAG_BYTES);
    record.extend_from_slice(MAGIC);
    record.extend_from_slice(&key.id);
    record.extend_from_slice(&random);
    record.extend_from_slice(plain);
    let tag = sealing.seal_in_place_separate_tag(nonce, associated(field, id), &mut record[HEADER_BYTES..]);
    let tag = tag.map_err(|_| Error::internal("the session is too large to encrypt"))?;
    record.extend_from_slice(tag.as_ref());
    Ok(record)
}

/// Decrypts a record of one field of the session stored under `id`.
///
/// # Errors
/// When it was changed, belongs elsewhere, is of another version, or no key fits.
pub fn open(keys: &[Key], field: &str, id: &str, record: &[u8]) -> Result<Vec<u8>, Error> {
    if record.len() < HEADER_BYTES + TAG_BYTES {
        return Err(refused("it is cut off"));
    }
    let (header, sealed) = record.split_at(HEADER_BYTES);
    if !header.starts_with(MAGIC) {
        return Err(refused("it is in the format of another version of this package"));
    }
    let mut candidates = keys.iter().filter(|key| key.id == header[4..8]).peekable();
    if candidates.peek().is_none() {
        return Err(refused("it was encrypted with a secret that is not in crypto.secret"));
    }
    for key in candidates {
        let (opening, nonce) = key_of(key, &header[8..])?;
        let mut plain = sealed.to_vec();
        if let Ok(opened) = opening.open_in_place(nonce, associated(field, id), &mut plain) {
            let length = opened.len();
            plain.truncate(length);
            return Ok(plain);
        }
    }
    Err(refused("it was changed, or belongs to another session"))
}
