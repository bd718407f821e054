//! The rooms that are in memory: one for each space that somebody is connected to.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use samverka_log::SpaceId;
use tokio::sync::mpsc;

use crate::actor::{self, MAILBOX_MESSAGES, Message};
use crate::app::App;

/// Hands messages to a room.
pub(crate) type Mailbox = mpsc::Sender<Message>;

/// The rooms in memory.
#[derive(Debug, Default)]
pub(crate) struct Registry {
    rooms: Mutex<HashMap<SpaceId, Mailbox>>,
}

impl Registry {
    /// The mailbox of a space's room, which is started where it is not in memory.
    pub(crate) fn room(&self, app: &Arc<App>, space: SpaceId) -> Mailbox {
        let mut rooms = self.rooms();
        if let Some(mailbox) = rooms.get(&space)
            && !mailbox.is_closed()
        {
            return mailbox.clone();
        }
        let (mailbox, messages) = mpsc::channel(MAILBOX_MESSAGES);
        rooms.insert(space, mailbox.clone());
        app.metrics.rooms.set(u64::try_from(rooms.len()).unwrap_or(u64::MAX));
        tokio::spawn(actor::run(Arc::clone(app), space, mailbox.downgrade(), messages));
        mailbox
    }

    /// Forgets a room that is about to end, unless another has taken its place.
    pub(crate) fn forget(&self, app: &App, space: SpaceId, mailbox: &Mailbox) {
        let mut rooms = self.rooms();
        if rooms.get(&space).is_some_and(|known| known.same_channel(mailbox)) {
            rooms.remove(&space);
        }
        app.metrics.rooms.set(u64::try_from(rooms.len()).unwrap_or(u64::MAX));
    }

    /// All rooms in memory.
    pub(crate) fn all(&self) -> Vec<Mailbox> {
        self.rooms().values().cloned().collect()
    }

    /// The map is changed by single calls only, so a panic elsewhere cannot leave it half changed.
    fn rooms(&self) -> MutexGuard<'_, HashMap<SpaceId, Mailbox>> {
        self.rooms.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
