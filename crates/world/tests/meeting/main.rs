//! Stories of replicas and rooms together, each told by hand. What happens by chance is in `worlds`.

mod copied;
mod relays;
mod rights;
mod snapshots;
