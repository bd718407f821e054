//! How many connections there may be: in all, and from one address.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};

use crate::config::Limits;

/// Counts connections and turns away what is over a limit.
#[derive(Clone, Debug)]
pub(crate) struct Doors {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    connections_max: u32,
    per_address_max: u32,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    connections: u32,
    by_address: HashMap<IpAddr, u32>,
}

/// A counted place; given back when dropped.
#[derive(Debug)]
pub(crate) struct Place {
    doors: Doors,
    address: Option<IpAddr>,
    counts: bool,
}

impl Doors {
    pub(crate) fn new(limits: &Limits) -> Self {
        let inner = Inner {
            connections_max: limits.connections_max,
            per_address_max: limits.connections_per_address_max,
            state: Mutex::default(),
        };
        Self { inner: Arc::new(inner) }
    }

    /// A place among all connections.
    pub(crate) fn enter(&self) -> Option<Place> {
        let mut state = self.state();
        if state.connections >= self.inner.connections_max {
            return None;
        }
        state.connections += 1;
        drop(state);
        Some(Place { doors: self.clone(), address: None, counts: true })
    }

    /// A place among the connections of one address. IPv6 counts by /64, which is what one site has.
    pub(crate) fn enter_from(&self, address: IpAddr) -> Option<Place> {
        let site = site(address);
        let mut state = self.state();
        let count = state.by_address.entry(site).or_default();
        if *count >= self.inner.per_address_max {
            return None;
        }
        *count += 1;
        drop(state);
        Some(Place { doors: self.clone(), address: Some(site), counts: false })
    }

    /// A panic elsewhere cannot leave the counts half changed, so a poisoned lock is as good as any.
    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        self.inner.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut state = self.doors.state();
        if self.counts {
            state.connections = state.connections.saturating_sub(1);
        }
        if let Some(address) = self.address
            && let Some(count) = state.by_address.get_mut(&address)
        {
            *count = count.saturating_sub(1);
            if *count == 0 {
                state.by_address.remove(&address);
            }
        }
    }
}

fn site(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V4(address) => IpAddr::V4(address),
        IpAddr::V6(address) => IpAddr::V6((address.to_bits() & (u128::MAX << 64)).into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn doors(connections_max: u32, connections_per_address_max: u32) -> Doors {
        Doors::new(&Limits { connections_max, connections_per_address_max, ..Limits::default() })
    }

    #[test]
    fn a_place_is_free_again_when_its_connection_ends() {
        let doors = doors(1, 1);
        let place = doors.enter().unwrap();
        assert!(doors.enter().is_none());
        drop(place);
        assert!(doors.enter().is_some());
    }

    #[test]
    fn one_address_does_not_take_the_places_of_another() {
        let doors = doors(10, 1);
        let one: IpAddr = "2001:db8::1".parse().unwrap();
        let same_site: IpAddr = "2001:db8::2".parse().unwrap();
        let other: IpAddr = "192.0.2.1".parse().unwrap();
        let place = doors.enter_from(one).unwrap();
        assert!(doors.enter_from(same_site).is_none());
        assert!(doors.enter_from(other).is_some());
        drop(place);
        assert!(doors.enter_from(same_site).is_some());
        assert!(doors.state().by_address.is_empty());
    }
}
