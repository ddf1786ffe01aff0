//! What to do about a server that has not said a word yet: a connection that ends in the handshake, or a handshake that
//! comes to nothing.
//!
//! Once a server has passed a check, the same failure has other reasons, and gets no advice.

use std::io;

use rustls::{AlertDescription, CertificateError, Error as TlsError};

const ATLAS: &str = "MongoDB Atlas refuses addresses that are not in the project's IP access list: is this machine's address in it?";
const SPEAKS_NO_TLS: &str =
    "the server does not speak TLS: leave out tls=true (mongodb+srv:// needs tls=false)";
const MAY_SPEAK_NO_TLS: &str = "it ended in the TLS handshake: if the server does not speak TLS, leave out tls=true (mongodb+srv:// needs \
                                tls=false); if it asks for a client certificate, give tlsCertificateKeyFile, or cert and key";
const MAY_SPEAK_TLS_ONLY: &str =
    "it ended before the server said anything: if it speaks TLS only, add tls=true";
const NOTHING_IN_COMMON: &str = "the server has no version or cipher of TLS in common with this client: let it offer TLS 1.2 or \
                                 1.3 with ECDHE and AES-GCM or ChaCha20 (RSA key exchange, DHE and CBC are not supported)";
const NOTHING_IN_COMMON_OR_NO_CERTIFICATE: &str = "the server asks for a client certificate (tlsCertificateKeyFile), or has no version or cipher of TLS in common with this \
     client: let it offer TLS 1.2 or 1.3 with ECDHE and AES-GCM or ChaCha20 (RSA key exchange, DHE and CBC are not supported)";
const NO_CERTIFICATE: &str =
    "the server asks for a client certificate: tlsCertificateKeyFile, or cert and key";
const WRONG_SIGNATURE: &str = "a signature does not hold: it is of another authority of the same name, or of an RSA key of fewer than \
                               2048 bits, which is not supported: give the server a certificate of at least 2048 bits or of an \
                               elliptic curve";
const WEAK_CERTIFICATE: &str = "signatures with SHA-1 and RSA keys of fewer than 2048 bits are not supported: give the server a \
                                certificate of at least 2048 bits or of an elliptic curve, signed with SHA-256, and the same for those that signed it";
const FIRST_VERSION: &str = "the server's certificate is of X.509 version 1, which is not supported: sign it again with a subjectAltName";

/// The advice, if there is one.
///
/// `address` is `host:port`; `encrypted` says whether the client speaks TLS.
pub fn advice(error: &io::Error, address: &str, encrypted: bool) -> Option<&'static str> {
    let host = address.rsplit_once(':').map_or(address, |(host, _)| host);
    let atlas = host.trim_end_matches('.').to_ascii_lowercase().ends_with(".mongodb.net");
    if let Some(tls) = error.get_ref().and_then(|inner| inner.downcast_ref::<TlsError>()) {
        return of_handshake(tls, atlas);
    }
    match error.kind() {
        io::ErrorKind::UnexpectedEof | io::ErrorKind::ConnectionReset | io::ErrorKind::ConnectionAborted => {
            Some(match (encrypted, atlas) {
                (false, _) => MAY_SPEAK_TLS_ONLY,
                (true, true) => ATLAS,
                (true, false) => MAY_SPEAK_NO_TLS,
            })
        }
        _ => None,
    }
}

/// The TLS library's words for an error of its own, without the numbers of all algorithms that it knows.
pub fn words(error: &io::Error) -> String {
    let weak = match error.get_ref().and_then(|inner| inner.downcast_ref::<TlsError>()) {
        Some(TlsError::InvalidCertificate(error)) => of_certificate(error) == Some(WEAK_CERTIFICATE),
        _ => false,
    };
    if weak {
        "invalid peer certificate: UnsupportedSignatureAlgorithm".to_owned()
    } else {
        error.to_string()
    }
}

fn of_handshake(error: &TlsError, atlas: bool) -> Option<&'static str> {
    match error {
        TlsError::AlertReceived(AlertDescription::CertificateRequired) => Some(NO_CERTIFICATE),
        TlsError::AlertReceived(_) if atlas => Some(ATLAS),
        TlsError::AlertReceived(AlertDescription::HandshakeFailure) => {
            Some(NOTHING_IN_COMMON_OR_NO_CERTIFICATE)
        }
        TlsError::AlertReceived(
            AlertDescription::ProtocolVersion | AlertDescription::InsufficientSecurity,
        )
        | TlsError::PeerIncompatible(_) => Some(NOTHING_IN_COMMON),
        TlsError::InvalidMessage(_) => Some(SPEAKS_NO_TLS),
        TlsError::InvalidCertificate(error) => of_certificate(error),
        _ => None,
    }
}

fn of_certificate(error: &CertificateError) -> Option<&'static str> {
    match error {
        CertificateError::BadSignature => Some(WRONG_SIGNATURE),
        CertificateError::UnsupportedSignatureAlgorithmContext { .. }
        | CertificateError::UnsupportedSignatureAlgorithmForPublicKeyContext { .. } => Some(WEAK_CERTIFICATE),
        CertificateError::Other(other) => match other.0.downcast_ref() {
            Some(webpki::Error::UnsupportedCertVersion) => Some(FIRST_VERSION),
            _ => None,
        },
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(error: impl Into<io::Error>, address: &str, encrypted: bool) -> &'static str {
        advice(&error.into(), address, encrypted).unwrap_or("none")
    }

    fn tls(error: TlsError) -> io::Error {
        io::Error::new(io::ErrorKind::InvalidData, error)
    }

    #[test]
    fn atlas_is_asked_about_its_list_of_addresses() {
        let refusals = [
            || tls(TlsError::AlertReceived(AlertDescription::InternalError)),
            || io::ErrorKind::UnexpectedEof.into(),
            || io::ErrorKind::ConnectionReset.into(),
        ];
        for refusal in refusals {
            assert_eq!(of(refusal(), "shard-00-00.ab1cd.mongodb.net:27017", true), ATLAS);
            assert_ne!(of(refusal(), "mongodb.net.example:27017", true), ATLAS);
        }
    }

    #[test]
    fn a_connection_that_just_ends_may_be_about_tls() {
        assert_eq!(of(io::ErrorKind::UnexpectedEof, "h:1", true), MAY_SPEAK_NO_TLS);
        assert_eq!(of(io::ErrorKind::UnexpectedEof, "h:1", false), MAY_SPEAK_TLS_ONLY);
        assert_eq!(of(io::ErrorKind::ConnectionRefused, "h:1", true), "none");
    }

    #[test]
    fn a_certificate_of_somebody_else_needs_no_advice_about_ciphers() {
        let error = TlsError::InvalidCertificate(CertificateError::UnknownIssuer);
        assert_eq!(of(tls(error), "h:1", true), "none");
    }
}
