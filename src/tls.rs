//! TLS settings into the driver's form, where the driver's own TLS can do what they ask for.
//!
//! The driver reads certificates from files only, and checks a server's certificate entirely or not at all. All else
//! is done by the [`relay`](crate::relay).

use std::path::PathBuf;

use mongodb::options::TlsOptions;

use crate::error::Error;
use crate::settings::{Secret, Tls};

/// The option of the client's own certificate, for messages.
pub const KEY_FILE: &str = "tlsCertificateKeyFile";

/// Where the client's certificate and key are.
#[derive(Debug)]
pub enum ClientCertificate<'a> {
    /// The application gave them as text.
    InMemory {
        /// PEM.
        cert: &'a str,
        /// PEM.
        key: &'a Secret,
    },
    /// The path of a file with both.
    InFile(&'a str),
}

/// The certificate that the client shows, if it has one.
///
/// # Errors
/// When it is there without its key, or the other way round.
pub fn client_certificate(tls: &Tls) -> Result<Option<ClientCertificate<'_>>, Error> {
    match (&tls.cert, &tls.key, &tls.certificate_key_file) {
        (Some(cert), Some(key), _) => Ok(Some(ClientCertificate::InMemory { cert, key })),
        (None, None, Some(path)) => Ok(Some(ClientCertificate::InFile(path))),
        (None, None, None) => Ok(None),
        (Some(_), None, _) => Err(Error::invalid("cert needs key with it")),
        (None, Some(_), _) => Err(Error::invalid("key needs cert with it")),
    }
}

/// Whether the driver's own TLS cannot do what `tls` asks for, whatever the servers are like.
pub fn exceeds_driver(tls: &Tls) -> bool {
    let unchecked = tls.allow_invalid_certificates == Some(true);
    let trusts = tls.ca.is_some() || tls.authorities.is_some() || tls.crl.is_some() || tls.crl_file.is_some();
    let names = tls.allow_invalid_hostnames == Some(true) || tls.allow_partial_trust_chain == Some(true);
    tls.cert.is_some() || tls.key.is_some() || tls.server_name.is_some() || (!unchecked && (trusts || names))
}

/// Turns `tls` into the driver's options; only of settings that do not exceed it.
///
/// # Errors
/// When a file cannot be read, or has no key.
pub fn for_driver(tls: &Tls) -> Result<TlsOptions, Error> {
    let mut options = TlsOptions::default();
    options.allow_invalid_certificates = tls.allow_invalid_certificates;
    if let Some(path) = &tls.ca_file {
        read("tlsCAFile", path)?;
        options.ca_file_path = Some(PathBuf::from(path));
    }
    if let Some(path) = &tls.certificate_key_file {
        let password = tls.certificate_key_file_password.as_ref();
        let encrypted = check_has_key(path, password.is_some())?;
        options.cert_key_file_path = Some(PathBuf::from(path));
        // The driver takes none for a key that is not encrypted, while Node does not mind.
        options.tls_certificate_key_file_password =
            password.filter(|_| encrypted).map(|password| password.expose().as_bytes().to_vec());
    }
    Ok(options)
}

/// Reads a file. The driver's own message names neither the option nor, for some, the file.
///
/// # Errors
/// When it cannot be read.
pub fn read(option: &str, path: &str) -> Result<Vec<u8>, Error> {
    std::fs::read(path).map_err(|error| Error::invalid(format!("{option}: cannot read {path}: {error}")))
}

/// Whether the key in the client's file is encrypted.
///
/// # Errors
/// When there is none, or its password is missing.
pub fn check_has_key(path: &str, has_password: bool) -> Result<bool, Error> {
    let bytes = read(KEY_FILE, path)?;
    let text = String::from_utf8_lossy(&bytes);
    if !text.contains("PRIVATE KEY-----") {
        return Err(Error::invalid(format!("{KEY_FILE}: there is no private key in {path}")));
    }
    let encrypted = text.contains("ENCRYPTED");
    if encrypted && !has_password {
        return Err(Error::invalid(format!(
            "{KEY_FILE}: the private key in {path} is encrypted; give tlsCertificateKeyFilePassword"
        )));
    }
    Ok(encrypted)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tls(json: &str) -> Tls {
        serde_json::from_str(json).expect("valid")
    }

    #[test]
    fn what_is_in_memory_is_not_for_the_driver() {
        assert!(!exceeds_driver(&tls(r#"{"caFile":"ca.pem","certificateKeyFile":"key.pem"}"#)));
        for json in [r#"{"ca":"CA"}"#, r#"{"authorities":"CA"}"#, r#"{"cert":"C","key":"K"}"#] {
            assert!(exceeds_driver(&tls(json)), "{json}");
        }
        assert!(!exceeds_driver(&tls(r#"{"ca":"CA","allowInvalidCertificates":true}"#)));
        assert!(exceeds_driver(&tls(r#"{"cert":"C","key":"K","allowInvalidCertificates":true}"#)));
    }

    #[test]
    fn a_file_that_is_not_there_is_named_with_its_option() {
        let message =
            for_driver(&tls(r#"{"certificateKeyFile":"/nowhere.pem"}"#)).expect_err("not there").message;
        assert!(message.starts_with("tlsCertificateKeyFile: cannot read /nowhere.pem"), "{message}");
    }

    #[test]
    fn refuses_a_certificate_without_its_key() {
        let message = client_certificate(&tls(r#"{"cert":"C"}"#)).expect_err("no key").message;
        assert_eq!(message, "cert needs key with it");
    }
}
