//! Whole messages of MongoDB's wire protocol, for the one part of a connection that the relay takes part in.

use std::io;

use mongodb::bson::{Document, serialize_to_vec};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};

const HEADER: usize = 16;
/// The header, the flags, and the kind of the first section.
const BODY: usize = HEADER + 5;
const OP_MSG: u32 = 2013;
const CHECKSUM_PRESENT: u32 = 1;
const CHECKSUM: usize = 4;
/// Larger than a greeting or a login ever is; servers take documents up to this, and a little more.
const LIMIT: usize = 16 * 1024 * 1024 + 16 * 1024;

/// A message as it came.
#[derive(Debug)]
pub struct Message(Vec<u8>);

impl Message {
    /// A message with a command.
    ///
    /// # Errors
    /// When the command is too large.
    pub fn command(command: &Document) -> io::Result<Self> {
        Self::new(0, command)
    }

    /// The answer to this message.
    ///
    /// # Errors
    /// When it is too large.
    pub fn answered(&self, answer: &Document) -> io::Result<Self> {
        Self::new(self.number(4).unwrap_or(0), answer)
    }

    fn new(response_to: u32, document: &Document) -> io::Result<Self> {
        let body = serialize_to_vec(document).map_err(io::Error::other)?;
        let length = u32::try_from(BODY + body.len()).map_err(io::Error::other)?;
        // One message at a time is on its way, so all may have one number.
        let head = [length, 1, response_to, OP_MSG, 0].map(u32::to_le_bytes).concat();
        Ok(Self([head.as_slice(), &[0], &body].concat()))
    }

    /// Reads a message; none where the stream ends before it. `after_reading` is called whenever some of it has come.
    ///
    /// # Errors
    /// The stream's; `UnexpectedEof` within a message; `InvalidData` for what is none.
    pub async fn read<R: AsyncRead + Unpin>(
        from: &mut R,
        after_reading: impl Fn(&R),
    ) -> io::Result<Option<Self>> {
        let mut bytes = Vec::with_capacity(1024);
        let mut length = HEADER;
        while bytes.len() < length {
            let missing = u64::try_from(length - bytes.len()).map_err(io::Error::other)?;
            let read = (&mut *from).take(missing).read_buf(&mut bytes).await?;
            if read == 0 {
                return if bytes.is_empty() { Ok(None) } else { Err(io::ErrorKind::UnexpectedEof.into()) };
            }
            after_reading(from);
            if bytes.len() == HEADER {
                length = announced(&bytes)?;
            }
        }
        Ok(Some(Self(bytes)))
    }

    /// Sends it.
    ///
    /// # Errors
    /// The stream's.
    pub async fn write(&self, to: &mut (impl AsyncWrite + Unpin)) -> io::Result<()> {
        to.write_all(&self.0).await?;
        to.flush().await
    }

    /// Its command or answer; none where it is of another kind, or compressed.
    pub fn document(&self) -> Option<Document> {
        let (code, flags) = (self.number(12)?, self.number(HEADER)?);
        if code != OP_MSG || self.0.get(BODY - 1) != Some(&0) {
            return None;
        }
        let end = self.0.len() - if flags & CHECKSUM_PRESENT == 0 { 0 } else { CHECKSUM };
        Document::from_reader(self.0.get(BODY..end)?).ok()
    }

    fn number(&self, at: usize) -> Option<u32> {
        Some(u32::from_le_bytes(self.0.get(at..at + 4)?.try_into().ok()?))
    }
}

fn announced(header: &[u8]) -> io::Result<usize> {
    let invalid = || io::Error::new(io::ErrorKind::InvalidData, "this is no message of MongoDB");
    let length = header.get(..4).and_then(|bytes| bytes.try_into().ok()).map(u32::from_le_bytes);
    let length = length.and_then(|length| usize::try_from(length).ok()).ok_or_else(invalid)?;
    if (HEADER..=LIMIT).contains(&length) { Ok(length) } else { Err(invalid()) }
}

#[cfg(test)]
mod tests {
    use mongodb::bson::doc;

    use super::*;

    async fn read(mut bytes: &[u8]) -> io::Result<Option<Message>> {
        Message::read(&mut bytes, |_| {}).await
    }

    #[tokio::test]
    async fn what_is_written_is_read_and_what_follows_is_left() {
        let question = Message::command(&doc! { "ping": 1 }).expect("small");
        let answer = question.answered(&doc! { "ok": 1 }).expect("small");
        let mut stream = Vec::new();
        answer.write(&mut stream).await.expect("room");
        stream.extend(b"more");
        let mut rest = stream.as_slice();
        let read = Message::read(&mut rest, |_| {}).await.expect("whole").expect("one");
        assert_eq!(read.document(), Some(doc! { "ok": 1 }));
        assert_eq!(read.number(8), Some(1));
        assert_eq!(rest, b"more");
    }

    #[tokio::test]
    async fn a_checksum_is_no_part_of_the_document() {
        let mut bytes = Message::command(&doc! { "ping": 1 }).expect("small").0;
        bytes.extend([1, 2, 3, 4]);
        bytes[0] += 4;
        bytes[16] = 1;
        let message = read(&bytes).await.expect("whole").expect("one");
        assert_eq!(message.document(), Some(doc! { "ping": 1 }));
    }

    #[tokio::test]
    async fn what_is_cut_short_or_nonsense_is_an_error() {
        let whole = Message::command(&doc! { "ping": 1 }).expect("small").0;
        assert!(read(&[]).await.expect("an end").is_none());
        for length in 1..whole.len() {
            assert!(read(&whole[..length]).await.is_err(), "at {length}");
        }
        for length in [0_u32, 15, u32::MAX] {
            let wrong = [&length.to_le_bytes(), &whole[4..]].concat();
            assert_eq!(read(&wrong).await.expect_err("none").kind(), io::ErrorKind::InvalidData);
        }
        for at in [12, 20, 21] {
            let mut wrong = whole.clone();
            wrong[at] ^= 0x40;
            assert!(read(&wrong).await.expect("whole").expect("one").document().is_none(), "{at}");
        }
        assert!(Message(vec![0; HEADER]).document().is_none());
    }
}
