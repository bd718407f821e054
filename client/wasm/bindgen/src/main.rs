//! Writes the JavaScript side of a wasm file: `samverka-bindgen INPUT.wasm FOLDER`.
//!
//! The library `wasm-bindgen-cli-support` rather than the program `wasm-bindgen`: `Cargo.lock` then keeps it at the
//! version of the crate, which it insists on.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context as _, Result, bail};
use wasm_bindgen_cli_support::Bindgen;

fn main() -> Result<ExitCode> {
    let mut arguments = std::env::args_os().skip(1).map(PathBuf::from);
    let (Some(input), Some(folder), None) = (arguments.next(), arguments.next(), arguments.next()) else {
        bail!("usage: samverka-bindgen INPUT.wasm FOLDER");
    };
    let mut bindgen = Bindgen::new();
    bindgen
        .input_path(&input)
        .web(true)
        .context("choose the web target")?
        // Or `init()` without an argument does not know where the wasm file lies.
        .omit_default_module_path(false)
        .typescript(true)
        .remove_producers_section(true)
        .remove_name_section(true);
    bindgen
        .generate(&folder)
        .with_context(|| format!("write the bindings of {} to {}", input.display(), folder.display()))?;
    Ok(ExitCode::SUCCESS)
}
