//! Takes a target's bytes apart.

use mongodb::bson::{Document, RawDocument};

/// What is left of them.
#[derive(Debug)]
pub struct Input<'a>(pub &'a [u8]);

impl<'a> Input<'a> {
    /// The next byte; 0 at the end.
    pub fn byte(&mut self) -> u8 {
        let Some((&byte, rest)) = self.0.split_first() else { return 0 };
        self.0 = rest;
        byte
    }

    /// The next `N` bytes; zeros where there are none.
    pub fn bytes<const N: usize>(&mut self) -> [u8; N] {
        std::array::from_fn(|_| self.byte())
    }

    /// As many bytes as the next one says.
    pub fn chunk(&mut self) -> &'a [u8] {
        let length = usize::from(self.byte()).min(self.0.len());
        let (chunk, rest) = self.0.split_at(length);
        self.0 = rest;
        chunk
    }

    /// The next chunk as text.
    pub fn text(&mut self) -> String {
        String::from_utf8_lossy(self.chunk()).into_owned()
    }
}

/// A document whose every value is valid.
pub fn valid(bytes: &[u8]) -> Option<Document> {
    Document::try_from(RawDocument::from_bytes(bytes).ok()?).ok()
}

/// Whether `inner` is somewhere in `outer`.
pub fn contains(outer: &[u8], inner: &[u8]) -> bool {
    inner.is_empty() || outer.windows(inner.len()).any(|window| window == inner)
}
