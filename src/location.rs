//! Where a store keeps its sessions, as JavaScript says it.

use serde::Deserialize;

use crate::crypto::Crypto;
use crate::error::Error;

/// Where a store keeps its sessions.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Location {
    /// The database's name.
    pub database: String,
    /// The collection's name.
    pub collection: String,
    /// The field with the session id.
    pub id_field: String,
    /// The field with the expiry date.
    pub expires_key: String,
    /// Whether operations may share commands.
    pub batching: bool,
    /// What sessions are encrypted with, if they are.
    #[serde(default)]
    pub crypto: Option<Crypto>,
}

impl Location {
    /// Reads a location from the JSON that JavaScript sends.
    ///
    /// # Errors
    /// When the JSON is malformed, says something unknown, or a field's name cannot be one. The message never
    /// quotes values: secrets are among them.
    pub fn from_json(json: &str) -> Result<Self, Error> {
        let location: Self = serde_json::from_str(json).map_err(|error| {
            let (line, column) = (error.line(), error.column());
            Error::invalid(format!("the store's settings are not usable (at line {line}, column {column})"))
        })?;
        location.check()?;
        Ok(location)
    }

    /// Refuses names that no field can have.
    ///
    /// # Errors
    /// Which option it is.
    pub fn check(&self) -> Result<(), Error> {
        for (option, name) in [("idField", &self.id_field), ("expiresKey", &self.expires_key)] {
            if name.contains('\0') {
                return Err(Error::invalid(format!("{option} must not contain null bytes")));
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(json: &str) -> String {
        Location::from_json(json).expect_err("not usable").message
    }

    #[test]
    fn a_location_that_is_refused_is_not_quoted() {
        let rest = r#""database":"d","collection":"c","expiresKey":"e","batching":true"#;
        assert!(Location::from_json(&format!(r#"{{{rest},"idField":"key.sid"}}"#)).is_ok());
        let secret = refusal(&format!(r#"{{{rest},"idField":"_id","crypto":{{"secrets":["hunter2"]}}}}"#));
        assert!(secret.starts_with("the store's settings are not usable (at line 1, column "), "{secret}");
        assert!(!secret.contains("hunter2"), "{secret}");
        let null = refusal(&format!(r#"{{{rest},"idField":"a\u0000b"}}"#));
        assert_eq!(null, "idField must not contain null bytes");
    }
}
