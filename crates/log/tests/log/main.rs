//! The public half from outside: who is in, what counts, which bytes mean what.

mod acceptance;
mod against_model;
mod codecs;
mod golden;
mod histories;
mod model;
mod people;
mod scenarios;
