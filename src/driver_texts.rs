//! The texts of others that are read, because nothing else says what they say: those of the driver, and of the standard
//! library below it.
//!
//! Each has a test that asks for the text itself or, where a server takes part, names the one that does.

use std::io;

/// Node's code for a host name that was not found: `ENOTFOUND`, or `EAI_AGAIN` where the name service did not answer.
///
/// The standard library gives the resolver's reason in words only.
pub fn failed_lookup(error: &io::Error) -> Option<&'static str> {
    let text = error.to_string();
    let (_, reason) = text.split_once("failed to lookup address information: ")?;
    Some(if reason.starts_with("Temporary failure") { "EAI_AGAIN" } else { "ENOTFOUND" })
}

/// Why a login failed, out of the driver's "SCRAM failure: mismatched nonce"; the driver does not give it by itself.
///
/// `__test__/connection/server/auth.test.js` compares it with the Node driver's on a real server.
pub fn refused_login(message: &str) -> &str {
    message.split_once(" failure: ").map_or(message, |(_, reason)| reason)
}

#[cfg(test)]
mod tests {
    use std::net::ToSocketAddrs;

    use super::*;

    #[test]
    fn a_host_that_is_not_there_has_nodes_code() {
        // Reserved for names that do not exist: https://www.rfc-editor.org/rfc/rfc6761#section-6.4
        let error = "nobody.invalid:27017".to_socket_addrs().expect_err("no such host");
        assert!(matches!(failed_lookup(&error), Some("ENOTFOUND" | "EAI_AGAIN")), "{error}");
        let text = "failed to lookup address information: Temporary failure in name resolution";
        assert_eq!(failed_lookup(&io::Error::other(text)), Some("EAI_AGAIN"));
        assert_eq!(failed_lookup(&io::ErrorKind::ConnectionRefused.into()), None);
    }

    #[test]
    fn the_reason_of_a_refused_login_is_told_without_the_mechanism() {
        assert_eq!(refused_login("SCRAM failure: mismatched nonce"), "mismatched nonce");
        assert_eq!(refused_login("something else"), "something else");
    }
}
