//! The public half from outside: who is in, what counts, which bytes mean what.

mod acceptance;
mod people;
mod scenarios;
