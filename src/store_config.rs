//! Where a store keeps its sessions, as JavaScript says it.

use serde::Deserialize;

use crate::client_options;
use crate::crypto::Crypto;
use crate::error::Error;
use crate::settings::ReadPreference;

/// When a session was created, by the clock of the process that did.
pub const CREATED_AT: &str = "createdAt";
/// When it was saved or touched last, by the server's clock.
pub const UPDATED_AT: &str = "updatedAt";
/// What no expiry goes beyond.
pub const ENDS_AT: &str = "endsAt";

/// Where a store keeps its sessions.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct StoreConfig {
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
    /// Which members sessions are read from, where that is not what the client says.
    #[serde(default)]
    pub read_preference: Option<ReadPreference>,
    /// What sessions are encrypted with, if they are.
    #[serde(default)]
    pub crypto: Option<Crypto>,
    /// Whether it listens to what others change.
    #[serde(default)]
    pub watch: bool,
    /// Whether documents say when they were created and changed.
    #[serde(default)]
    pub timestamps: bool,
    /// The field that says whose session it is, if one does.
    #[serde(default)]
    pub user_field: Option<String>,
    /// Whether sessions have an end that nothing moves.
    #[serde(default)]
    pub limited_lifetime: bool,
}

impl StoreConfig {
    /// Reads a config from the JSON that JavaScript sends.
    ///
    /// # Errors
    /// When the JSON is malformed, says something unknown, or a field's name cannot be one. The message never
    /// quotes values: secrets are among them.
    pub fn from_json(json: &str) -> Result<Self, Error> {
        let config: Self = serde_json::from_str(json).map_err(|error| {
            let (line, column) = (error.line(), error.column());
            Error::invalid(format!("the store's settings are not usable (at line {line}, column {column})"))
        })?;
        config.check()?;
        Ok(config)
    }

    /// Refuses names that no field can have, and a read preference that is none.
    ///
    /// # Errors
    /// Which option it is.
    pub fn check(&self) -> Result<(), Error> {
        let names = [("idField", &self.id_field), ("expiresKey", &self.expires_key)];
        let user = self.user_field.as_ref().map(|name| ("userField", name));
        for (option, name) in names.into_iter().chain(user) {
            if name.contains('\0') {
                return Err(Error::invalid(format!("{option} must not contain null bytes")));
            }
        }
        self.read_preference.as_ref().map(client_options::selection_criteria).transpose().map(drop)
    }
}

#[cfg(test)]
impl Default for StoreConfig {
    fn default() -> Self {
        Self {
            database: "db".into(),
            collection: "sessions".into(),
            id_field: "_id".into(),
            expires_key: "expires".into(),
            batching: true,
            read_preference: None,
            crypto: None,
            timestamps: false,
            user_field: None,
            limited_lifetime: false,
            watch: false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(json: &str) -> String {
        StoreConfig::from_json(json).expect_err("not usable").message
    }

    #[test]
    fn a_location_that_is_refused_is_not_quoted() {
        let rest = r#""database":"d","collection":"c","expiresKey":"e","batching":true"#;
        assert!(StoreConfig::from_json(&format!(r#"{{{rest},"idField":"key.sid"}}"#)).is_ok());
        let secret = refusal(&format!(r#"{{{rest},"idField":"_id","crypto":{{"secrets":["hunter2"]}}}}"#));
        assert!(secret.starts_with("the store's settings are not usable (at line 1, column "), "{secret}");
        assert!(!secret.contains("hunter2"), "{secret}");
        let null = refusal(&format!(r#"{{{rest},"idField":"a\u0000b"}}"#));
        assert_eq!(null, "idField must not contain null bytes");
        let mode = refusal(&format!(r#"{{{rest},"idField":"_id","readPreference":{{"mode":"first"}}}}"#));
        assert_eq!(mode, "readPreference: first is no read preference mode");
    }
}
