//! Embeds the built web app, where there is one: `client/web/dist`, or the folder that `SAMVERKA_WEB_DIST` names.
//! Without it the relay builds just the same and serves a page that says how to build the app.

use std::collections::hash_map::DefaultHasher;
use std::error::Error;
use std::fmt::Write as _;
use std::fs;
use std::hash::{Hash as _, Hasher as _};
use std::path::{Path, PathBuf};

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-env-changed=SAMVERKA_WEB_DIST");
    let manifest = PathBuf::from(std::env::var_os("CARGO_MANIFEST_DIR").ok_or("cargo says where this lies")?);
    let named = std::env::var_os("SAMVERKA_WEB_DIST").filter(|name| !name.is_empty());
    let folder = named.clone().map_or_else(|| manifest.join("../client/web/dist"), PathBuf::from);
    // Cargo takes a path that is missing for changed every time, and one that it watches it looks through to the last
    // file: while there is no app, `cargo xtask web` touches this file once it has built one.
    println!("cargo::rerun-if-changed=build.rs");
    if folder.exists() {
        println!("cargo::rerun-if-changed={}", folder.display());
    }
    if named.is_some() && !folder.join("index.html").is_file() {
        return Err(format!("SAMVERKA_WEB_DIST: there is no index.html in {}", folder.display()).into());
    }

    let mut files = Vec::new();
    if folder.join("index.html").is_file() {
        collect(&folder, &folder, &mut files)?;
        files.sort();
    }
    let mut code = String::from("pub(super) const FILES: &[super::File] = &[\n");
    for (path, file) in files {
        let plain = fs::read(&file)?;
        let compressed = PathBuf::from(format!("{}.br", file.display()));
        // The tag only has to differ when the content does, from one build to the next.
        let mut hasher = DefaultHasher::new();
        plain.hash(&mut hasher);
        let brotli = if compressed.is_file() {
            format!("Some(include_bytes!({:?}))", compressed.canonicalize()?)
        } else {
            "None".to_owned()
        };
        writeln!(
            code,
            "    super::File {{ path: {path:?}, etag: \"\\\"{:016x}\\\"\", plain: include_bytes!({:?}), brotli: {brotli} }},",
            hasher.finish(),
            file.canonicalize()?,
        )?;
    }
    code.push_str("];\n");
    let out = PathBuf::from(std::env::var_os("OUT_DIR").ok_or("cargo says where to write")?);
    fs::write(out.join("web_files.rs"), code)?;
    Ok(())
}

/// Every file under a folder, by its address.
fn collect(root: &Path, folder: &Path, files: &mut Vec<(String, PathBuf)>) -> Result<(), Box<dyn Error>> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            collect(root, &path, files)?;
        } else if path.extension().is_none_or(|ending| ending != "br") {
            let parts: Vec<_> =
                path.strip_prefix(root)?.iter().map(|part| part.to_string_lossy().into_owned()).collect();
            files.push((format!("/{}", parts.join("/")), path));
        }
    }
    Ok(())
}
