//! The stores' conformance suite for JavaScript: it asks, the store answers, it judges.

use samverka_store::conformance::{Answer, CASES, Next};
use wasm_bindgen::prelude::*;

use crate::bridge::{object, reply_from_js, request_to_js};

/// How many cases there are.
#[wasm_bindgen(js_name = conformanceCases)]
pub fn conformance_cases() -> usize {
    CASES.len()
}

/// One case, held with a store that is empty.
#[wasm_bindgen]
pub struct ConformanceCase {
    index: usize,
    answers: Vec<Answer>,
}

#[wasm_bindgen]
impl ConformanceCase {
    /// The case of this number.
    #[wasm_bindgen(constructor)]
    pub fn new(index: usize) -> Self {
        Self { index, answers: Vec::new() }
    }

    /// What it promises.
    pub fn name(&self) -> String {
        CASES.get(self.index).map_or("", |case| case.name).to_owned()
    }

    /// `{type: "ask", request}`, `{type: "passed"}` or `{type: "failed", reason}`.
    pub fn step(&mut self) -> JsValue {
        let Some(case) = CASES.get(self.index) else {
            return object("failed", &[("reason", "there is no such case".into())]);
        };
        loop {
            match case.next(&self.answers) {
                Ok(Next::Passed) => return object("passed", &[]),
                Err(failure) => return object("failed", &[("reason", failure.to_string().into())]),
                Ok(Next::Ask(request)) => match request_to_js(&request) {
                    Ok(request) => return object("ask", &[("request", request)]),
                    // As in the app: what no store would take never gets to one.
                    Err(error) => self.answers.push(Err(error)),
                },
            }
        }
    }

    /// What the store answered.
    pub fn answer(&mut self, reply: &JsValue) {
        self.answers.push(reply_from_js(reply));
    }
}
