//! The raw command primitive: what JavaScript's driver facade is made of.

use mongodb::bson::{RawDocument, RawDocumentBuf};
use mongodb::options::SelectionCriteria;
use serde::Deserialize;
use std::time::Duration;

use crate::client_options;
use crate::deadline::{Limit, within};
use crate::error::Error;
use crate::pool::Pool;
use crate::retry::retrying;
use crate::settings::ReadPreference;

/// A command and how to run it, as JavaScript sends it: two BSON documents, options first.
#[derive(Debug)]
pub struct Command {
    /// The command.
    pub command: RawDocumentBuf,
    /// Which members it may go to; the primary if absent.
    pub criteria: Option<SelectionCriteria>,
    /// Whether it may be sent again after a network or not-primary error.
    pub idempotent: bool,
    /// Its own limit.
    pub timeout: Option<Limit>,
    /// Documents in a cursor's later batches; the server decides if absent.
    pub batch_size: Option<u32>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Options {
    read_preference: Option<ReadPreference>,
    #[serde(default)]
    idempotent: bool,
    #[serde(rename = "timeoutMS")]
    timeout_ms: Option<f64>,
    batch_size: Option<u32>,
}

impl Command {
    /// Reads a request.
    ///
    /// # Errors
    /// When it is malformed or says something unknown.
    pub fn read(payload: &[u8]) -> Result<Self, Error> {
        let malformed = || Error::internal("malformed command");
        let length = payload.get(..4).ok_or_else(malformed)?;
        let length = u32::from_le_bytes(length.try_into().map_err(|_| malformed())?) as usize;
        let (options, command) = payload.split_at_checked(length).ok_or_else(malformed)?;
        let options = RawDocument::from_bytes(options).map_err(|_| malformed())?;
        let options: Options = mongodb::bson::deserialize_from_slice(options.as_bytes())
            .map_err(|error| Error::invalid(format!("the command's options are not usable: {error}")))?;
        Ok(Self {
            command: RawDocumentBuf::from_bytes(command.to_vec()).map_err(|_| malformed())?,
            criteria: options.read_preference.as_ref().map(client_options::selection_criteria).transpose()?,
            idempotent: options.idempotent,
            batch_size: options.batch_size.filter(|&size| size > 0),
            timeout: options
                .timeout_ms
                .filter(|&ms| ms > 0.0)
                .map(|ms| Limit::of_operation(Duration::from_secs_f64(ms.min(1e12) / 1e3))),
        })
    }

    /// The limit of one run on `pool`.
    pub fn limit(&self, pool: &Pool) -> Option<Limit> {
        self.timeout.or(pool.limits().command)
    }

    /// How long after its start it may be sent again.
    pub fn retry_limit(&self, pool: &Pool) -> Duration {
        if self.idempotent { pool.limits().retry } else { Duration::ZERO }
    }
}

/// Runs the command: the server's reply.
///
/// # Errors
/// The driver's, or the server's for the command as a whole.
pub async fn run(pool: &Pool, database: &str, request: &Command) -> Result<Vec<u8>, Error> {
    let attempt = || async {
        let _place = pool.place().await?;
        let database = pool.database(database).await?;
        let mut command = database.run_raw_command(request.command.clone());
        if let Some(criteria) = &request.criteria {
            command = command.selection_criteria(criteria.clone());
        }
        let running = async { command.await.map_err(|error| pool.explain(error)) };
        let reply = database.while_there(running).await?;
        RawDocumentBuf::try_from(&reply).map_err(|error| Error::internal(error.to_string()))
    };
    let reply = within(request.limit(pool), retrying(request.retry_limit(pool), attempt)).await?;
    Ok(reply.into_bytes())
}

#[cfg(test)]
mod tests {
    use mongodb::bson::{Document, doc};

    use super::*;

    fn payload(options: &Document, command: &Document) -> Vec<u8> {
        [options, command]
            .map(|document| RawDocumentBuf::try_from(document).expect("valid").into_bytes())
            .concat()
    }

    #[test]
    fn reads_options_and_command() {
        let options = doc! { "readPreference": { "mode": "secondary" }, "idempotent": true, "timeoutMS": 1500, "batchSize": 7 };
        let request = Command::read(&payload(&options, &doc! { "ping": 1 })).expect("well-formed");
        assert!(request.idempotent);
        assert_eq!(request.batch_size, Some(7));
        assert!(request.criteria.is_some());
        assert_eq!(request.timeout, Some(Limit::of_operation(Duration::from_millis(1500))));
        assert_eq!(request.command, RawDocumentBuf::try_from(&doc! { "ping": 1 }).expect("valid"));
    }

    #[test]
    fn what_is_malformed_is_an_error() {
        let whole = payload(&doc! {}, &doc! { "ping": 1 });
        for length in 0..whole.len() {
            assert!(Command::read(&whole[..length]).is_err(), "at {length}");
        }
        assert!(Command::read(&payload(&doc! { "wat": 1 }, &doc! {})).is_err());
    }
}
