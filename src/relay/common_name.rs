//! Host names in certificates that have them in the subject only.

/// The OID 2.5.4.3.
const COMMON_NAME: [u8; 3] = [0x55, 0x04, 0x03];
const SEQUENCE: u8 = 0x30;
const SET: u8 = 0x31;
const OID: u8 = 0x06;
/// UTF8String, PrintableString, T61String, IA5String.
const STRINGS: [u8; 4] = [0x0c, 0x13, 0x14, 0x16];

/// Whether `host` is the common name in `subject`, the DER of a certificate's subject without its
/// outermost head. Node's rules: no case, a `*` for one label of at least three.
pub fn names(subject: &[u8], host: &str) -> bool {
    common_names(subject).iter().any(|name| matches(name, host))
}

fn matches(name: &str, host: &str) -> bool {
    let lower = |text: &str| text.trim_end_matches('.').to_ascii_lowercase();
    let (name, host) = (lower(name), lower(host));
    if name.is_empty() || name.split('.').any(str::is_empty) {
        return false;
    }
    match (name.strip_prefix("*."), host.split_once('.')) {
        (Some(pattern), Some((label, rest))) => !label.is_empty() && pattern.contains('.') && pattern == rest,
        _ => name == host,
    }
}

/// Takes a subject apart: a list of sets of pairs of OID and value.
fn common_names(subject: &[u8]) -> Vec<&str> {
    let mut found = Vec::new();
    for (_, set) in elements(subject).filter(|(tag, _)| *tag == SET) {
        for (_, pair) in elements(set).filter(|(tag, _)| *tag == SEQUENCE) {
            let mut parts = elements(pair);
            if parts.next() == Some((OID, &COMMON_NAME))
                && let Some((tag, value)) = parts.next()
                && STRINGS.contains(&tag)
                && let Ok(text) = std::str::from_utf8(value)
            {
                found.push(text);
            }
        }
    }
    found
}

fn elements(mut der: &[u8]) -> impl Iterator<Item = (u8, &[u8])> {
    std::iter::from_fn(move || {
        let (tag, content, rest) = element(der)?;
        der = rest;
        Some((tag, content))
    })
}

/// The first element: its tag, its content, and what follows.
fn element(der: &[u8]) -> Option<(u8, &[u8], &[u8])> {
    let (&tag, rest) = der.split_first()?;
    let (&first, rest) = rest.split_first()?;
    let (length, rest) = match first {
        0..=0x7f => (usize::from(first), rest),
        0x81 => rest.split_first().map(|(&length, rest)| (usize::from(length), rest))?,
        0x82 => {
            let (bytes, rest) = rest.split_at_checked(2)?;
            (usize::from(u16::from_be_bytes([bytes[0], bytes[1]])), rest)
        }
        _ => return None,
    };
    let (content, rest) = rest.split_at_checked(length)?;
    Some((tag, content, rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `O=tests, CN=db.local`
    fn subject() -> Vec<u8> {
        let pair = |oid: u8, text: &[u8]| {
            let value = [&[0x0c, u8::try_from(text.len()).expect("short")], text].concat();
            let pair = [&[OID, 3, 0x55, 0x04, oid], value.as_slice()].concat();
            let pair = [&[SEQUENCE, u8::try_from(pair.len()).expect("short")], pair.as_slice()].concat();
            [&[SET, u8::try_from(pair.len()).expect("short")], pair.as_slice()].concat()
        };
        [pair(10, b"tests"), pair(3, b"db.local")].concat()
    }

    #[test]
    fn the_common_name_is_found_among_other_parts() {
        assert!(names(&subject(), "DB.local"));
        assert!(!names(&subject(), "tests"));
        assert!(!names(&subject(), "other.local"));
    }

    #[test]
    fn a_star_is_one_label() {
        assert!(matches("*.example.com", "a.example.com"));
        assert!(!matches("*.example.com", "a.b.example.com"));
        assert!(!matches("*.example.com", "example.com"));
        assert!(!matches("*.com", "example.com"));
        assert!(!matches("*", "example"));
        assert!(!matches("", ""));
    }

    #[test]
    fn what_is_cut_short_names_nobody() {
        let whole = subject();
        for length in 0..whole.len() {
            assert!(!names(&whole[..length], "db.local"), "at {length}");
        }
    }
}
