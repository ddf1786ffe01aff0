//! One listener's changes, until JavaScript fetches them.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;

use super::change::Change;
use crate::document::{Writer, array_key};
use crate::error::Error;

/// Changes that wait for a listener that does not listen: some seconds of a busy fleet. Further ones are lost.
const MAX_WAITING: usize = 100_000;
/// Changes handed over at once: so many keep an event loop for about a millisecond.
const MAX_TOGETHER: usize = 1000;

/// What a listener hears.
#[derive(Clone, Debug)]
pub enum News {
    /// Another process, or MongoDB itself, changed a session.
    Changed(Arc<Change>),
    /// Changes may be missing here: the server has the stream's place no more.
    Gap(Error),
    /// There are no changes to be had; nothing further comes.
    Refused(Error),
}

#[derive(Debug, Default)]
struct Waiting {
    news: VecDeque<News>,
    /// Changes for which there was no room.
    lost: u64,
    over: bool,
}

/// The queue of one listener.
#[derive(Debug, Default)]
pub struct Inbox {
    waiting: Mutex<Waiting>,
    arrived: Notify,
}

impl Inbox {
    fn waiting(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Puts in what the listener is to hear next.
    pub fn put(&self, news: News) {
        {
            let mut waiting = self.waiting();
            if waiting.news.len() >= MAX_WAITING {
                waiting.lost += 1;
            } else {
                waiting.news.push_back(news);
            }
        }
        self.arrived.notify_one();
    }

    /// The listener is gone.
    pub fn end(&self) {
        self.waiting().over = true;
        self.arrived.notify_one();
    }

    /// Waits for what the listener has not heard yet: `{ news: [...], lost }`, in order.
    ///
    /// # Errors
    /// When the store is closed.
    pub async fn next(&self) -> Result<Vec<u8>, Error> {
        loop {
            {
                let mut waiting = self.waiting();
                if waiting.over {
                    return Err(Error::not_connected());
                }
                if !waiting.news.is_empty() {
                    let count = waiting.news.len().min(MAX_TOGETHER);
                    let news: Vec<News> = waiting.news.drain(..count).collect();
                    // What was lost came after all that is still waiting.
                    let lost = if waiting.news.is_empty() { std::mem::take(&mut waiting.lost) } else { 0 };
                    drop(waiting);
                    return encode(&news, lost);
                }
            }
            self.arrived.notified().await;
        }
    }
}

fn encode(news: &[News], lost: u64) -> Result<Vec<u8>, Error> {
    let mut writer = Writer::with_capacity(64 + 128 * news.len());
    writer.array("news");
    for (index, one) in news.iter().enumerate() {
        writer.document(&array_key(index));
        match one {
            News::Changed(change) => change.write(&mut writer),
            News::Gap(error) => write_error(&mut writer, "gap", error)?,
            News::Refused(error) => write_error(&mut writer, "refused", error)?,
        }
        writer.end();
    }
    writer.end();
    // As far as JavaScript counts exactly.
    writer.double("lost", lost as f64);
    Ok(writer.finish()?.into_bytes())
}

fn write_error(writer: &mut Writer, key: &str, error: &Error) -> Result<(), Error> {
    let document = error.to_document();
    let raw = mongodb::bson::RawDocumentBuf::try_from(&document);
    writer.raw(key, &raw.map_err(|error| Error::internal(error.to_string()))?);
    Ok(())
}

#[cfg(test)]
mod tests {
    use mongodb::bson::{Document, RawDocument};

    use super::*;
    use crate::watch::change::What;

    fn changed(id: &str) -> News {
        News::Changed(Arc::new(Change {
            what: What::Destroyed,
            id: Some(id.to_owned()),
            key: None,
            expires: None,
        }))
    }

    async fn heard(inbox: &Inbox) -> Document {
        let bytes = inbox.next().await.expect("open");
        Document::try_from(RawDocument::from_bytes(&bytes).expect("BSON")).expect("BSON")
    }

    #[tokio::test]
    async fn news_are_heard_in_order_and_once() {
        let inbox = Inbox::default();
        for id in ["a", "b", "c"] {
            inbox.put(changed(id));
        }
        let news = heard(&inbox).await;
        let ids: Vec<_> = news
            .get_array("news")
            .expect("a list")
            .iter()
            .map(|one| one.as_document().expect("one").get_str("id").expect("an id").to_owned())
            .collect();
        assert_eq!(ids, ["a", "b", "c"]);
        inbox.put(News::Gap(Error::invalid("gone")));
        assert_eq!(heard(&inbox).await.get_array("news").expect("a list").len(), 1);
    }

    #[tokio::test]
    async fn who_does_not_listen_is_told_how_much_was_lost() {
        let inbox = Inbox::default();
        for _ in 0..MAX_WAITING + 7 {
            inbox.put(changed("a"));
        }
        let mut lost = 0.0;
        for _ in 0..MAX_WAITING / MAX_TOGETHER {
            assert!(lost == 0.0, "before what came earlier");
            lost = heard(&inbox).await.get_f64("lost").expect("a number");
        }
        assert!((lost - 7.0).abs() < f64::EPSILON);
    }

    #[tokio::test]
    async fn a_listener_that_is_gone_is_not_waited_for() {
        let inbox = Inbox::default();
        inbox.end();
        assert!(inbox.next().await.is_err());
    }
}
