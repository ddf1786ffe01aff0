//! Certificates and key for a handshake of our own: of files, or of the application's memory.
//!
//! What an application holds in memory stays there: none of it is ever written to a file.

use std::borrow::Cow;
use std::fmt::Display;
use std::sync::Arc;

use pkcs8::EncryptedPrivateKeyInfo;
use pkcs8::der::asn1::OctetString;
use rustls::crypto::ring;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{
    CertificateDer, CertificateRevocationListDer, PrivateKeyDer, PrivatePkcs8KeyDer, ServerName,
};
use rustls::{ClientConfig, RootCertStore};
use webpki_roots::TLS_SERVER_ROOTS;

use super::verifier::{Checks, Names, Verifier};
use crate::error::Error;
use crate::settings::Tls;
use crate::tls;

/// How to shake hands with servers.
#[derive(Clone, Debug)]
pub struct Handshake {
    /// For the TLS library.
    pub config: Arc<ClientConfig>,
    /// Checks servers' certificates, and knows whether it was lenient.
    pub verifier: Arc<Verifier>,
    /// `servername`: the name to ask for, and to find in certificates; that of the host if absent.
    pub server_name: Option<ServerName<'static>>,
}

/// The handshake that `tls` asks for.
///
/// # Errors
/// When a file or a text is not usable; the message names its option.
pub fn handshake(tls: &Tls) -> Result<Handshake, Error> {
    let provider = Arc::new(ring::default_provider());
    let (roots, given) = roots(tls)?;
    let checks = Checks {
        names: if tls.allow_invalid_hostnames == Some(true) { Names::Ignored } else { Names::Checked },
        nothing: tls.allow_invalid_certificates == Some(true),
        leaves_are_anchors: tls.allow_partial_trust_chain == Some(true),
    };
    let verifier = Arc::new(Verifier::new(roots, given, revocations(tls)?, checks, &provider)?);
    let builder = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| Error::internal(error.to_string()))?
        .dangerous()
        .with_custom_certificate_verifier(Arc::clone(&verifier) as _);
    let mut config = match identity(tls)? {
        Some((chain, key)) => builder
            .with_client_auth_cert(chain, key)
            .map_err(|error| Error::invalid(format!("the client's certificate and key: {error}")))?,
        None => builder.with_no_client_auth(),
    };
    // As with Node, an empty name is none: the handshake does not say which host is asked for.
    config.enable_sni = tls.server_name.as_deref() != Some("");
    Ok(Handshake { config: Arc::new(config), verifier, server_name: server_name(tls)? })
}

fn server_name(tls: &Tls) -> Result<Option<ServerName<'static>>, Error> {
    let Some(name) = tls.server_name.as_deref().filter(|name| !name.is_empty()) else { return Ok(None) };
    let name = ServerName::try_from(name)
        .map_err(|_| Error::invalid("servername must be a host name or an address"))?;
    Ok(Some(name.to_owned()))
}

/// PEM text, and where it is from.
struct Pem<'a> {
    text: Cow<'a, [u8]>,
    origin: String,
}

impl<'a> Pem<'a> {
    fn in_memory(option: &str, text: &'a str) -> Self {
        Self { text: Cow::Borrowed(text.as_bytes()), origin: option.to_owned() }
    }

    fn in_file(option: &str, path: &str) -> Result<Self, Error> {
        Ok(Self { text: Cow::Owned(tls::read(option, path)?), origin: path.to_owned() })
    }

    fn unusable(&self, what: &str, error: impl Display) -> Error {
        Error::invalid(format!("no usable {what} in {}: {error}", self.origin))
    }

    fn certificates(&self) -> Result<Vec<CertificateDer<'static>>, Error> {
        CertificateDer::pem_slice_iter(&self.text)
            .collect::<Result<_, _>>()
            .map_err(|error| self.unusable("certificate", error))
    }

    fn key(&self, password: Option<&[u8]>) -> Result<PrivateKeyDer<'static>, Error> {
        let failed = |error: &dyn Display| self.unusable("private key", error);
        // The first key counts, as in Node.
        let sections = pem::parse_many(&self.text).map_err(|error| failed(&error))?;
        let first = sections.iter().find(|section| section.tag().ends_with("PRIVATE KEY"));
        match (first, password) {
            (Some(section), Some(password)) if section.tag() == "ENCRYPTED PRIVATE KEY" => {
                let key = EncryptedPrivateKeyInfo::<OctetString>::try_from(section.contents())
                    .map_err(|error| failed(&error))?
                    .decrypt(password)
                    .map_err(|error| failed(&error))?;
                Ok(PrivatePkcs8KeyDer::from(key.as_bytes().to_vec()).into())
            }
            (Some(section), None) if section.tag() == "ENCRYPTED PRIVATE KEY" => {
                Err(failed(&"it is encrypted; give its password"))
            }
            _ => PrivateKeyDer::from_pem_slice(&self.text).map_err(|error| failed(&error)),
        }
    }
}

/// The authorities to trust, and the certificates that are named as such.
fn roots(tls: &Tls) -> Result<(RootCertStore, Vec<CertificateDer<'static>>), Error> {
    let mut roots = RootCertStore::empty();
    let pem = match (&tls.ca, &tls.ca_file, &tls.authorities) {
        (Some(text), ..) => Pem::in_memory("ca", text),
        (None, Some(path), _) => Pem::in_file("tlsCAFile", path)?,
        (None, None, Some(text)) => Pem::in_memory("the authorities that Node.js trusts", text),
        (None, None, None) => {
            roots.extend(TLS_SERVER_ROOTS.iter().cloned());
            return Ok((roots, Vec::new()));
        }
    };
    // Like the driver, and Node: what is no certificate is skipped.
    let given: Vec<_> = CertificateDer::pem_slice_iter(&pem.text).flatten().collect();
    roots.add_parsable_certificates(given.iter().cloned());
    Ok((roots, given))
}

fn revocations(tls: &Tls) -> Result<Vec<CertificateRevocationListDer<'static>>, Error> {
    let pem = match (&tls.crl, &tls.crl_file) {
        (Some(text), _) => Pem::in_memory("crl", text),
        (None, Some(path)) => Pem::in_file("tlsCRLFile", path)?,
        (None, None) => return Ok(Vec::new()),
    };
    let lists: Vec<_> = CertificateRevocationListDer::pem_slice_iter(&pem.text)
        .collect::<Result<_, _>>()
        .map_err(|error| pem.unusable("revocation list", error))?;
    if lists.is_empty() {
        return Err(pem.unusable("revocation list", "there is none in PEM form"));
    }
    Ok(lists)
}

type Identity = (Vec<CertificateDer<'static>>, PrivateKeyDer<'static>);

/// The client's certificate, with those between it and an authority, and its key.
fn identity(tls: &Tls) -> Result<Option<Identity>, Error> {
    let password = tls.certificate_key_file_password.as_ref().map(|password| password.expose().as_bytes());
    match tls::client_certificate(tls)? {
        None => Ok(None),
        Some(tls::ClientCertificate::InMemory { cert, key }) => {
            let chain = Pem::in_memory("cert", cert).certificates()?;
            Ok(Some((chain, Pem::in_memory("key", key.expose()).key(password)?)))
        }
        Some(tls::ClientCertificate::InFile(path)) => {
            tls::check_has_key(path, password.is_some())?;
            let pem = Pem::in_file(tls::KEY_FILE, path)?;
            Ok(Some((pem.certificates()?, pem.key(password)?)))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(json: &str) -> String {
        handshake(&serde_json::from_str(json).expect("valid")).expect_err("unusable").message
    }

    #[test]
    fn what_is_no_key_names_its_option_and_not_its_text() {
        let text = "-----BEGIN PRIVATE KEY-----\\nhunter2\\n-----END PRIVATE KEY-----";
        let message = refused(&format!(r#"{{"enabled":true,"cert":"","key":"{text}"}}"#));
        assert!(message.starts_with("no usable private key in key: "), "{message}");
        assert!(!message.contains("hunter2"), "{message}");
    }

    #[test]
    fn a_list_of_revocations_that_has_none_is_named() {
        let message = refused(r#"{"enabled":true,"crl":"-----BEGIN NOTHING-----"}"#);
        assert!(message.starts_with("no usable revocation list in crl: "), "{message}");
    }

    #[test]
    fn a_name_that_cannot_be_one_is_refused() {
        assert!(refused(r#"{"enabled":true,"serverName":"a b"}"#).starts_with("servername must be"));
    }
}
