//! What JavaScript sees.

use js_sys::{Array, Error, Reflect};
use samverka_log::SlotId;
use samverka_plan::Language;
use samverka_replica::{Effect, RequestId, SessionId};
use serde::de::DeserializeOwned;
use wasm_bindgen::prelude::*;

use crate::bridge::{bytes, entries_from_js, number, object, reply_from_js, request_to_js};
use crate::failure::Failure;
use crate::open::{Moment, OpenPlan, Person};

/// One opened plan. The crate's doc says in which order to call what; `worker.ts` does.
#[wasm_bindgen]
pub struct Plan(OpenPlan);

#[wasm_bindgen]
impl Plan {
    /// Founds a plan. `person` is a `Person` in JSON, `relays` a list of addresses in JSON.
    ///
    /// # Errors
    /// An `Error` with a `code`.
    pub fn found(person: &str, title: &str, relays: &str, slot: u64, now_ms: f64) -> Result<Self, JsValue> {
        let person: Person = parse(person)?;
        let relays: Vec<String> = parse(relays)?;
        Ok(Self(OpenPlan::found(&person, title, &relays, slot, millis(now_ms)?).map_err(thrown)?))
    }

    /// Knocks at a plan by a link; `kept` are this device's keys from an earlier knock there.
    ///
    /// # Errors
    /// An `Error` with a `code`.
    #[expect(
        clippy::needless_pass_by_value,
        reason = "a slice that may be missing cannot be borrowed across"
    )]
    pub fn join(
        person: &str,
        link: &str,
        kept: Option<Box<[u8]>>,
        slot: u64,
        now_ms: f64,
    ) -> Result<Self, JsValue> {
        let person: Person = parse(person)?;
        Ok(Self(OpenPlan::join(&person, link, kept.as_deref(), slot, millis(now_ms)?).map_err(thrown)?))
    }

    /// Opens a plan that is in the store.
    ///
    /// # Errors
    /// An `Error` with a `code`.
    pub fn open(space: &str, secret: &[u8], slot: u64, language: &str) -> Result<Self, JsValue> {
        Ok(Self(OpenPlan::open(space, secret, slot, parse_language(language)?).map_err(thrown)?))
    }

    /// The plan's id.
    #[wasm_bindgen(js_name = spaceId)]
    pub fn space_id(&mut self) -> String {
        self.0.replica().space().to_string()
    }

    /// New keys, once.
    #[wasm_bindgen(js_name = takeSecret)]
    pub fn take_secret(&mut self) -> Option<Box<[u8]>> {
        self.0.take_secret().map(|secret| secret.as_slice().into())
    }

    /// The language of views.
    ///
    /// # Errors
    /// An `Error` with a `code`.
    #[wasm_bindgen(js_name = setLanguage)]
    pub fn set_language(&mut self, language: &str) -> Result<(), JsValue> {
        self.0.set_language(parse_language(language)?);
        Ok(())
    }

    /// The token that a relay's host handed out for new plans.
    #[wasm_bindgen(js_name = setHostingToken)]
    pub fn set_hosting_token(&mut self, token: String) {
        self.0.replica().set_hosting_token(token);
    }

    /// Asks a question or does something: JSON in, JSON out.
    ///
    /// # Errors
    /// An `Error` with a `code`; nothing has changed then.
    pub fn ask(&mut self, question: &str, now_ms: f64, today: &str) -> Result<String, JsValue> {
        self.0.ask_json(question, &moment(now_ms, today)?).map_err(thrown)
    }

    /// What happened since this was last asked: a JSON array, or nothing.
    ///
    /// # Errors
    /// An `Error` with a `code`.
    pub fn events(&mut self, now_ms: f64, today: &str) -> Result<Option<String>, JsValue> {
        let events = self.0.events(&moment(now_ms, today)?).map_err(thrown)?;
        Ok((!events.is_empty()).then(|| serde_json::Value::Array(events).to_string()))
    }

    /// The next thing to carry out: `{type: "store", id, request}`, `{type: "send", session, frame}`,
    /// `{type: "close", session, reason}`, or nothing. Requests that no store would take are answered here.
    #[wasm_bindgen(js_name = nextEffect)]
    pub fn next_effect(&mut self, now_ms: f64) -> Result<Option<JsValue>, JsValue> {
        let now_ms = millis(now_ms)?;
        loop {
            let (replica, rng) = self.0.driven();
            let Some(effect) = replica.poll_effect() else {
                // A checkpoint that cannot be made costs time at the next start and nothing else; it is due again then.
                if replica.checkpoint_where_due(rng).is_err() || !replica.has_effects() {
                    return Ok(None);
                }
                continue;
            };
            match effect {
                Effect::Store { id, request } => match request_to_js(&request) {
                    Ok(request) => {
                        return Ok(Some(object("store", &[("id", number(id.0)), ("request", request)])));
                    }
                    Err(error) => replica.handle_stored(id, Err(error), now_ms),
                },
                Effect::Send { session, frame } => {
                    return Ok(Some(object(
                        "send",
                        &[("session", number(session.0)), ("frame", bytes(&frame))],
                    )));
                }
                Effect::Close { session, reason } => {
                    let fields = [("session", number(session.0)), ("reason", reason.into())];
                    return Ok(Some(object("close", &fields)));
                }
            }
        }
    }

    /// The store's answer to a request.
    ///
    /// # Errors
    /// An `Error` where the numbers are none.
    pub fn stored(&mut self, id: u32, reply: &JsValue, now_ms: f64) -> Result<(), JsValue> {
        self.0.replica().handle_stored(RequestId(id.into()), reply_from_js(reply), millis(now_ms)?);
        Ok(())
    }

    /// Another tab has written.
    #[wasm_bindgen(js_name = storeChanged)]
    pub fn store_changed(&mut self) {
        self.0.replica().handle_store_changed();
    }

    /// Everything has been read. What lies here may be a copy, which no browser can rule out: `before`, a place that was
    /// written in before and is held here too, is gone on in only once a relay knows no more of it than is here.
    #[wasm_bindgen(js_name = mayBeCopy)]
    pub fn may_be_copy(&mut self, before: Option<u64>) {
        self.0.replica().may_be_copy(before.map(SlotId));
    }

    /// The place that is written in.
    pub fn slot(&mut self) -> u64 {
        self.0.replica().slot().0
    }

    /// The place that may still be gone on in.
    #[wasm_bindgen(js_name = offeredSlot)]
    pub fn offered_slot(&mut self) -> Option<u64> {
        self.0.replica().offered_slot().map(|slot| slot.0)
    }

    /// Whether anything has been written in this place, or is about to be.
    #[wasm_bindgen(js_name = hasWritten)]
    pub fn has_written(&mut self) -> bool {
        self.0.replica().has_written()
    }

    /// Tries failed writes again.
    #[wasm_bindgen(js_name = retryWrites)]
    pub fn retry_writes(&mut self) {
        self.0.replica().retry_writes();
    }

    /// The relays that carry the plan.
    pub fn relays(&mut self) -> Vec<String> {
        self.0.replica().relays()
    }

    /// A WebSocket to `<url>/sync` is open.
    pub fn connect(&mut self, session: u32, url: &str) {
        self.0.replica().connect(SessionId(session.into()), url);
    }

    /// A binary message has come.
    ///
    /// # Errors
    /// An `Error` where the time is none.
    pub fn frame(&mut self, session: u32, frame: &[u8], now_ms: f64) -> Result<(), JsValue> {
        let now_ms = millis(now_ms)?;
        let (replica, rng) = self.0.driven();
        replica.handle_frame(SessionId(session.into()), frame, now_ms, rng);
        Ok(())
    }

    /// A connection is gone.
    ///
    /// # Errors
    /// An `Error` where the time is none.
    pub fn disconnected(&mut self, session: u32, now_ms: f64) -> Result<(), JsValue> {
        self.0.replica().handle_disconnected(SessionId(session.into()), millis(now_ms)?);
        Ok(())
    }

    /// When [`Self::timeout`] is to be called, in Unix milliseconds.
    #[wasm_bindgen(js_name = nextTimeout)]
    pub fn next_timeout(&mut self) -> Option<f64> {
        self.0.replica().poll_timeout().map(|at| number(at).as_f64().unwrap_or(f64::MAX))
    }

    /// Does what is due.
    ///
    /// # Errors
    /// An `Error` where the time is none.
    pub fn timeout(&mut self, now_ms: f64) -> Result<(), JsValue> {
        let now_ms = millis(now_ms)?;
        let (replica, rng) = self.0.driven();
        replica.handle_timeout(now_ms, rng);
        Ok(())
    }

    /// Seals what is pending.
    ///
    /// # Errors
    /// An `Error` with a `code`; what is pending stays so.
    pub fn flush(&mut self, now_ms: f64) -> Result<(), JsValue> {
        let now_ms = millis(now_ms)?;
        let (replica, rng) = self.0.driven();
        replica.flush(now_ms, rng).map_err(|error| thrown(error.into()))
    }

    /// Writes a file; `request` is an `ExportRequest` in JSON.
    ///
    /// # Errors
    /// An `Error` with a `code`.
    pub fn export(&mut self, request: &str, now_ms: f64, today: &str) -> Result<Vec<u8>, JsValue> {
        let request: serde_json::Value = parse(request)?;
        self.0.export(&request, &moment(now_ms, today)?).map_err(thrown)
    }

    /// Takes a file in; `request` is an `ImportRequest` in JSON. Answers an `Outcome` in JSON.
    ///
    /// # Errors
    /// An `Error` with a `code`.
    pub fn import(
        &mut self,
        request: &str,
        file: &[u8],
        now_ms: f64,
        today: &str,
    ) -> Result<String, JsValue> {
        let request: serde_json::Value = parse(request)?;
        let outcome = self.0.import(&request, file, &moment(now_ms, today)?).map_err(thrown)?;
        Ok(outcome.to_string())
    }

    /// Says which participant of an imported plan one is.
    ///
    /// # Errors
    /// An `Error` with a `code`.
    #[wasm_bindgen(js_name = beParticipant)]
    pub fn be_participant(&mut self, participant: &str, now_ms: f64) -> Result<(), JsValue> {
        self.0.be_participant(participant, &moment(now_ms, "")?).map_err(thrown)
    }

    /// What entries of the store did: `HistoryItem`s in JSON. `about` is an `EntityRef` in JSON.
    ///
    /// # Errors
    /// An `Error` with a `code`.
    pub fn history(&self, entries: &Array, about: Option<String>) -> Result<String, JsValue> {
        let about = about.map(|about| parse(&about)).transpose()?;
        let entries = read_entries(entries)?;
        Ok(serde_json::Value::Array(self.0.history(&entries, about.as_ref())).to_string())
    }

    /// Checks entries of the store, in the order of their arrival.
    ///
    /// # Errors
    /// An `Error` with a `code`, where one cannot even be read.
    pub fn verify(&mut self, entries: &Array) -> Result<(), JsValue> {
        let entries = read_entries(entries)?;
        self.0.verify(&entries);
        Ok(())
    }

    /// What the check found: a `VerifyReport` in JSON.
    pub fn verified(&mut self) -> String {
        self.0.verified().to_string()
    }
}

/// What stands in a link, in JSON.
///
/// # Errors
/// An `Error` with a `code`.
#[wasm_bindgen(js_name = readInvitation)]
pub fn read_invitation(link: &str) -> Result<String, JsValue> {
    Ok(crate::open::invitation(link).map_err(thrown)?.to_string())
}

/// The title of a plan's file.
///
/// # Errors
/// An `Error` with a `code`.
#[wasm_bindgen(js_name = titleOfFile)]
pub fn title_of_file(file: &[u8], language: &str) -> Result<String, JsValue> {
    OpenPlan::title_of_file(file, parse_language(language)?.tag()).map_err(thrown)
}

fn read_entries(entries: &Array) -> Result<Vec<samverka_log::Entry>, JsValue> {
    entries_from_js(entries).map_err(|error| thrown(Failure { code: "store", message: error.to_string() }))
}

fn moment(now_ms: f64, today: &str) -> Result<Moment, JsValue> {
    Ok(Moment { now_ms: millis(now_ms)?, today: today.to_owned() })
}

/// `Date.now()` as the core counts. A clock before 1970 is taken for 1970, as the command line does.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a float becomes the nearest u64 there is, and what is no number is refused before"
)]
fn millis(now_ms: f64) -> Result<u64, JsValue> {
    if now_ms.is_nan() {
        return Err(thrown(Failure::malformed(&"the time is no number")));
    }
    Ok(now_ms as u64)
}

fn parse<T: DeserializeOwned>(text: &str) -> Result<T, JsValue> {
    serde_json::from_str(text).map_err(|error| thrown(Failure::malformed(&error)))
}

fn parse_language(tag: &str) -> Result<Language, JsValue> {
    tag.parse().map_err(|error| thrown(Failure::malformed(&error)))
}

#[expect(
    clippy::needless_pass_by_value,
    reason = "it is the last that is seen of it, and `map_err` hands it over"
)]
fn thrown(failure: Failure) -> JsValue {
    let error = Error::new(&failure.message);
    // Setting a field of a fresh error cannot fail.
    let _set = Reflect::set(&error, &"code".into(), &failure.code.into());
    error.into()
}
