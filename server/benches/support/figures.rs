//! Figures as `cargo xtask bench` reads them.

use serde_json::{Map, Value, json};

/// One figure on its way out.
pub struct Figure(Map<String, Value>);

impl Figure {
    /// A figure without a goal.
    pub fn new(name: &str, value: f64, unit: &str) -> Self {
        let mut figure = Self(Map::new());
        figure.put("name", json!(name));
        figure.put("value", json!(value));
        figure.put("unit", json!(unit));
        figure
    }

    /// What is to be reached.
    pub fn goal(self, goal: &str) -> Self {
        self.with("goal", goal)
    }

    /// What the machine allows for the same work.
    pub fn limit(self, name: &str, value: f64) -> Self {
        self.with("limit_name", name).with("limit_value", value)
    }

    /// Something else to know about it.
    pub fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.put(name, value.into());
        self
    }

    /// Prints it.
    pub fn print(self) {
        println!("BENCH {}", Value::Object(self.0));
    }

    fn put(&mut self, name: &str, value: Value) {
        self.0.insert(name.to_owned(), value);
    }
}

/// The least of some figures: that of the run which the machine's other work disturbed least.
pub fn least(figures: impl IntoIterator<Item = f64>) -> f64 {
    figures.into_iter().fold(f64::INFINITY, f64::min)
}

/// The most of some figures, likewise.
pub fn most(figures: impl IntoIterator<Item = f64>) -> f64 {
    figures.into_iter().fold(0.0, f64::max)
}
