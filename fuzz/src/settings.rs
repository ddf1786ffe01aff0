//! What a client and a store are asked to be, in JSON.

use connect_mongodb_session::client_options;
use connect_mongodb_session::deadline::Limits;
use connect_mongodb_session::document::Writer;
use connect_mongodb_session::operation::statement;
use connect_mongodb_session::session_op::SessionOp;
use connect_mongodb_session::settings::Settings;
use connect_mongodb_session::store_config::StoreConfig;
use mongodb::bson::Document;

/// What secrets in the corpus have in them and nothing else has.
const SECRET: &str = "~~";

/// Settings of a client: no secret is shown, and what is read can be built.
pub fn settings(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let settings = match Settings::from_json(text) {
        Ok(settings) => settings,
        Err(error) => return assert!(!error.message.contains(SECRET), "an error shows a value"),
    };
    let secret = settings.credential.as_ref().and_then(|credential| credential.password.as_ref());
    if let Some(secret) = secret.map(|secret| secret.expose()).filter(|secret| secret.contains(SECRET)) {
        let elsewhere = text.matches(SECRET).count() != secret.matches(SECRET).count();
        assert!(elsewhere || !format!("{settings:?}").contains(secret), "a secret is shown");
    }
    let limits = Limits::new(&settings);
    assert!(limits.retry_reads <= limits.retry);
    let _ = settings.servers();
    if let Ok(options) = client_options::build(&settings, None) {
        assert_eq!(options.hosts.len(), settings.hosts.len(), "servers went missing");
    }
}

/// Where a store keeps its sessions: no secret is shown, and statements use the names as they are.
pub fn config(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let config = match StoreConfig::from_json(text) {
        Ok(config) => config,
        Err(error) => return assert!(!error.message.contains(SECRET), "an error shows a value"),
    };
    let mut writer = Writer::with_capacity(64);
    writer.array("deletes");
    let destroy = SessionOp::Destroy { only_if_expires: None };
    statement::write(&mut writer, "0", &config, "sid", &destroy).expect("nothing of it is looked at");
    let command = Document::try_from(&writer.finish().expect("small")).expect("valid BSON");
    let statement = command.get_array("deletes").expect("written")[0].as_document().expect("written");
    let id = statement.get_document("q").and_then(|query| query.get_str(&config.id_field));
    assert_eq!(id.ok(), Some("sid"), "the id is in another field");
}
