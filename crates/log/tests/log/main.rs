//! The public half from outside: who is in, what counts, which bytes mean what.

mod acceptance;
mod codecs;
mod golden;
mod histories;
mod people;
mod scenarios;
