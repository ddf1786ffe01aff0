//! What was seen last, by a key, up to a limit.

use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};

/// A map that forgets what was put in longest ago.
///
/// Two generations: what is put in goes to the younger one; when that is full, it becomes the older one, and what
/// the older one held is forgotten. So between one and two times `limit` entries are known, and an entry costs no more
/// than its place in a table. Keys are known by their hash alone: one in 10^14 lookups finds another's value.
#[derive(Debug)]
pub struct Memory<V> {
    young: HashMap<u64, V>,
    old: HashMap<u64, V>,
    limit: usize,
    hasher: RandomState,
}

impl<V> Memory<V> {
    /// Knows nothing yet, and at least the last `limit` entries later.
    pub fn new(limit: usize) -> Self {
        Self { young: HashMap::new(), old: HashMap::new(), limit, hasher: RandomState::new() }
    }

    /// Puts in what is to be known of `key`.
    pub fn put(&mut self, key: &[u8], value: V) {
        if self.young.len() >= self.limit {
            self.old = std::mem::take(&mut self.young);
        }
        let key = self.hasher.hash_one(key);
        self.old.remove(&key);
        self.young.insert(key, value);
    }

    /// What is known of `key`.
    pub fn get(&self, key: &[u8]) -> Option<&V> {
        let key = self.hasher.hash_one(key);
        self.young.get(&key).or_else(|| self.old.get(&key))
    }

    /// What was known of `key`, which is forgotten.
    pub fn take(&mut self, key: &[u8]) -> Option<V> {
        let key = self.hasher.hash_one(key);
        self.young.remove(&key).or_else(|| self.old.remove(&key))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_entries_are_known_and_the_first_are_forgotten() {
        let mut memory = Memory::new(10);
        for number in 0..35_u8 {
            memory.put(&[number], number);
        }
        assert!((25..35).all(|number| memory.get(&[number]) == Some(&number)));
        assert!((0..15).all(|number| memory.get(&[number]).is_none()));
    }

    #[test]
    fn the_last_value_counts_and_what_was_taken_is_gone() {
        let mut memory = Memory::new(1);
        memory.put(b"a", 1);
        memory.put(b"b", 2);
        memory.put(b"a", 3);
        assert_eq!(memory.get(b"a"), Some(&3));
        assert_eq!((memory.take(b"a"), memory.take(b"a")), (Some(3), None));
    }
}
