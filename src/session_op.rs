//! What can be asked of one session.

use mongodb::bson::RawDocumentBuf;

/// The field of the stored document that holds the session.
pub const SESSION: &str = "session";
/// What the path of one of the session's keys begins with.
pub const WITHIN_SESSION: &str = "session.";

/// One operation on one session. Times are milliseconds since 1970.
#[derive(Clone, Debug, PartialEq)]
pub enum SessionOp {
    /// Fetch the stored document.
    Get,
    /// Store a session.
    Write(Box<Write>),
    /// Move the expiry of a session that is there.
    Touch {
        /// When the session ends.
        expires: i64,
        /// The elements that set its cookie, and fields beside the session; empty where all of that stays as it is.
        cookie: RawDocumentBuf,
        /// What no expiry goes beyond, for a session that has no such end yet; absent where lifetimes are not limited.
        ends: Option<i64>,
    },
    /// Delete a session.
    Destroy {
        /// Delete it only while it has this expiry; whatever it has if absent.
        only_if_expires: Option<i64>,
    },
}

/// A save.
#[derive(Clone, Debug, PartialEq)]
pub struct Write {
    /// When the session ends.
    pub expires: i64,
    /// What is stored.
    pub change: Change,
    /// Whether a session is created where there is none.
    pub creates: bool,
    /// What is stored beside the session, where the store's options ask for something.
    pub beside: Option<Box<Beside>>,
}

/// What a save stores beside a session: whose it is, and how long it lives at most.
#[derive(Clone, Debug, PartialEq)]
pub struct Beside {
    /// The elements to set, by their paths in the stored document.
    pub set: RawDocumentBuf,
    /// The paths of what to remove, as keys.
    pub unset: RawDocumentBuf,
    /// The paths that get the server's time, as keys.
    pub dated: RawDocumentBuf,
    /// What no expiry goes beyond, for a session that has no such end yet; absent where lifetimes are not limited.
    pub ends: Option<i64>,
}

/// What a save stores.
#[derive(Clone, Debug, PartialEq)]
pub enum Change {
    /// The whole session: these elements are spliced into the document.
    Whole(RawDocumentBuf),
    /// Some keys of it.
    Patch(Patch),
}

/// A save of what changed since a session was loaded.
#[derive(Clone, Debug, PartialEq)]
pub struct Patch {
    /// The elements to set, by their paths in the stored document.
    pub set: RawDocumentBuf,
    /// The paths of what to remove, as keys.
    pub unset: RawDocumentBuf,
    /// The elements of the whole session, for where the changes cannot be applied.
    pub whole: RawDocumentBuf,
}

/// Which command an operation travels in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// `find`.
    Lookup,
    /// `update`.
    Update,
    /// `delete`.
    Delete,
}

impl Kind {
    /// All of them, by their numbers.
    pub const ALL: [Self; 3] = [Self::Lookup, Self::Update, Self::Delete];

    /// The command's name.
    pub fn command(self) -> &'static str {
        match self {
            Self::Lookup => "find",
            Self::Update => "update",
            Self::Delete => "delete",
        }
    }

    /// Whether it only reads.
    pub fn reads(self) -> bool {
        match self {
            Self::Lookup => true,
            Self::Update | Self::Delete => false,
        }
    }
}

impl SessionOp {
    /// A save of a whole session.
    pub fn whole(expires: i64, session: RawDocumentBuf, creates: bool) -> Self {
        Self::Write(Box::new(Write { expires, change: Change::Whole(session), creates, beside: None }))
    }

    /// Which command this travels in.
    pub fn kind(&self) -> Kind {
        match self {
            Self::Get => Kind::Lookup,
            Self::Write(_) | Self::Touch { .. } => Kind::Update,
            Self::Destroy { .. } => Kind::Delete,
        }
    }

    /// The bytes it adds to its command, about.
    pub fn bytes(&self) -> usize {
        match self {
            Self::Get | Self::Destroy { .. } => 0,
            Self::Touch { cookie, .. } => cookie.as_bytes().len(),
            Self::Write(write) => {
                let beside = write.beside.as_ref().map_or(0, |beside| beside.bytes());
                beside
                    + match &write.change {
                        Change::Whole(session) => session.as_bytes().len(),
                        Change::Patch(patch) => patch.set.as_bytes().len() + patch.unset.as_bytes().len(),
                    }
            }
        }
    }

    /// The bytes it holds while it waits.
    pub fn held_bytes(&self) -> usize {
        let whole = match self {
            Self::Get | Self::Destroy { .. } | Self::Touch { .. } => 0,
            Self::Write(write) => match &write.change {
                Change::Whole(_) => 0,
                Change::Patch(patch) => patch.whole.as_bytes().len(),
            },
        };
        self.bytes() + whole
    }

    /// Whether doing `later` alone leaves what doing both would, so that one command can answer both callers.
    ///
    /// The rules, and why each is safe:
    /// 1. Reads with nothing between them see the same.
    /// 2. A whole save that creates leaves the same document whatever save or touch came before it.
    /// 3. A whole save that creates nothing covers what also creates nothing. It does not cover a save that creates:
    ///    the session might not be there, and then only that save would have made it.
    /// 4. A touch covers a touch, unless the earlier one sets something, a cookie say, and the later one does not.
    /// 5. Deleting covers deleting: unconditionally, or under the same condition.
    /// 6. What would fix the end of a session is only covered by what would fix the same end, and a save that dates
    ///    something by the server's clock only by one that dates the same.
    ///
    /// Anything else is done one after the other; a patch never covers, because it leaves the rest as it was.
    pub fn is_covered_by(&self, later: &Self) -> bool {
        match (self, later) {
            (Self::Get, Self::Get) => true,
            (Self::Write(before), Self::Write(after)) => {
                after.is_whole()
                    && (after.creates || !before.creates)
                    && after.ends() == before.ends()
                    && before.dated().is_none_or(|dated| after.dated() == Some(dated))
            }
            (Self::Touch { ends, .. }, Self::Write(after)) => after.is_whole() && after.ends() == *ends,
            (Self::Touch { cookie: before, ends: end, .. }, Self::Touch { cookie, ends, .. }) => {
                sets_all_of(cookie, before) && ends == end
            }
            (Self::Destroy { only_if_expires: before }, Self::Destroy { only_if_expires: after }) => {
                before == after || after.is_none()
            }
            (Self::Get, Self::Write(_) | Self::Touch { .. } | Self::Destroy { .. })
            | (Self::Write(_), Self::Get | Self::Touch { .. } | Self::Destroy { .. })
            | (Self::Touch { .. }, Self::Get | Self::Destroy { .. })
            | (Self::Destroy { .. }, Self::Get | Self::Write(_) | Self::Touch { .. }) => false,
        }
    }
}

/// Whether `later` sets every field that `before` sets.
fn sets_all_of(later: &RawDocumentBuf, before: &RawDocumentBuf) -> bool {
    let has = |key: &str| matches!(later.get(key), Ok(Some(_)));
    before.iter().all(|element| element.is_ok_and(|(key, _)| has(key.as_str())))
}

impl Beside {
    fn bytes(&self) -> usize {
        self.set.as_bytes().len() + self.unset.as_bytes().len() + self.dated.as_bytes().len()
    }
}

impl Write {
    /// What no expiry goes beyond, where lifetimes are limited.
    pub fn ends(&self) -> Option<i64> {
        self.beside.as_ref()?.ends
    }

    /// The paths that get the server's time, if there are any.
    fn dated(&self) -> Option<&RawDocumentBuf> {
        self.beside.as_ref().map(|beside| &beside.dated).filter(|dated| !dated.is_empty())
    }

    fn is_whole(&self) -> bool {
        match &self.change {
            Change::Whole(_) => true,
            Change::Patch(_) => false,
        }
    }
}
