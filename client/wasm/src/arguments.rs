//! What is asked, read field by field.

use core::str::FromStr;

use samverka_log::Role;
use samverka_plan::{EntityRef, Kind};
use serde_json::Value as Json;

use crate::failure::Failure;

/// The object of a question.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Arguments<'a>(pub(crate) &'a Json);

impl<'a> Arguments<'a> {
    /// A field; null where there is none.
    pub(crate) fn value(self, name: &str) -> &'a Json {
        self.0.get(name).unwrap_or(&Json::Null)
    }

    pub(crate) fn text(self, name: &str) -> Result<&'a str, Failure> {
        self.value(name).as_str().ok_or_else(|| wrong(name, "a text"))
    }

    pub(crate) fn text_or_none(self, name: &str) -> Result<Option<&'a str>, Failure> {
        if self.value(name).is_null() { Ok(None) } else { self.text(name).map(Some) }
    }

    pub(crate) fn number(self, name: &str) -> Result<u64, Failure> {
        self.value(name).as_u64().ok_or_else(|| wrong(name, "a whole number"))
    }

    pub(crate) fn id<T: FromStr<Err: ToString>>(self, name: &str) -> Result<T, Failure> {
        self.text(name)?.parse().map_err(|error| Failure::malformed(&error))
    }

    pub(crate) fn role(self) -> Result<Role, Failure> {
        self.id("role")
    }

    pub(crate) fn kind(self) -> Result<Kind, Failure> {
        serde_json::from_value(self.value("kind").clone()).map_err(|error| Failure::malformed(&error))
    }

    pub(crate) fn entity(self, name: &str) -> Result<EntityRef, Failure> {
        serde_json::from_value(self.value(name).clone()).map_err(|error| Failure::malformed(&error))
    }
}

fn wrong(name: &str, what: &str) -> Failure {
    Failure::malformed(&format!("{name} is not {what}"))
}
