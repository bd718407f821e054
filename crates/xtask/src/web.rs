//! `cargo xtask web`: the web app, from Rust to files that a relay embeds.
//!
//! 1. the replica as wasm (`client/wasm`, profile `web`), 2. its JavaScript side (`samverka-bindgen`), 3. made small
//!    (`wasm-opt`, from npm), 4. the app around it (`client/web`, Vite), 5. each file compressed beforehand.
//!
//! What nothing has changed for is left out: 1 to 3, 3 alone where the module comes out the same, and 4 with 5.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::SystemTime;

use anyhow::{Context, Result, ensure};

use crate::fresh::Stamp;
use crate::workspace::{Profile, Workspace, run as run_command, stdout_of};

/// The target that browsers run.
pub(crate) const WASM: &str = "wasm32-unknown-unknown";

/// What the compiler uses of wasm beyond its first version. All of it is in every browser that the app runs in; told
/// more, wasm-opt writes encodings that none has yet.
const FEATURES: [&str; 8] = [
    "--enable-bulk-memory",
    "--enable-bulk-memory-opt",
    "--enable-call-indirect-overlong",
    "--enable-multivalue",
    "--enable-mutable-globals",
    "--enable-nontrapping-float-to-int",
    "--enable-reference-types",
    "--enable-sign-ext",
];

/// What Vite builds the app from, the wasm package among it.
const APP_SOURCES: [&str; 8] = [
    "index.html",
    "package-lock.json",
    "package.json",
    "public",
    "scripts/compress.mjs",
    "src",
    "tsconfig.json",
    "vite.config.ts",
];

/// The module in the package that the app imports.
const MODULE: &str = "samverka_wasm_bg.wasm";

/// The files of that package.
const PACKAGE: [&str; 4] = ["samverka_wasm.js", "samverka_wasm.d.ts", "samverka_wasm_bg.wasm.d.ts", MODULE];

/// What `cargo xtask web` can be told.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// Only the wasm file and its JavaScript side, where the app imports them.
    #[arg(long)]
    wasm_only: bool,
    /// A build for tests, made fast and with the stores' conformance suite in it, into `target/web/tests`.
    #[arg(long, conflicts_with = "wasm_only")]
    for_tests: bool,
}

/// Builds what the arguments say.
pub(crate) fn run(arguments: &Arguments) -> Result<()> {
    let workspace = Workspace::open()?;
    if arguments.for_tests {
        let package = build_for_tests(&workspace)?;
        println!("for tests: {}", package.display());
        return Ok(());
    }
    build_wasm(&workspace)?;
    if !arguments.wasm_only {
        build_app(&workspace)?;
    }
    Ok(())
}

/// Builds the whole app into `client/web/dist` and answers that folder.
pub(crate) fn build(workspace: &Workspace) -> Result<PathBuf> {
    build_wasm(workspace)?;
    build_app(workspace)
}

/// Builds the wasm package that tests load, and answers its folder.
pub(crate) fn build_for_tests(workspace: &Workspace) -> Result<PathBuf> {
    let folder = workspace.target().join("web/tests");
    let module = compile(workspace, "dev", "debug", &["--features", "conformance"])?;
    bind(workspace, &module, &folder)?;
    Ok(folder)
}

/// Adds the browser's target to the toolchain where it is missing.
pub(crate) fn ensure_wasm_target(workspace: &Workspace) -> Result<()> {
    // Asked of rustc rather than of rustup, so that a toolchain from elsewhere that has the target works too.
    let mut ask = Command::new("rustc");
    ask.current_dir(workspace.root()).args(["--print", "target-libdir", "--target", WASM]);
    let installed = stdout_of(&mut ask).is_ok_and(|folder| Path::new(folder.trim()).is_dir());
    if installed {
        return Ok(());
    }
    let mut add = Command::new("rustup");
    add.current_dir(workspace.root()).args(["target", "add", WASM]);
    run_command(&mut add).with_context(|| format!("the target {WASM} is missing and cannot be added"))
}

/// Builds the wasm package that the app imports.
fn build_wasm(workspace: &Workspace) -> Result<()> {
    let package = app(workspace).join("src/core/pkg");
    let outputs = PACKAGE.map(|name| package.join(name));
    let rustc = stdout_of(Command::new("rustc").current_dir(workspace.root()).arg("-vV"))?;
    let stamp = Stamp::of(workspace, "wasm", &rust_sources(workspace), &[&rustc])?;
    if stamp.holds(&outputs) {
        println!("wasm: as it was");
        return Ok(());
    }
    let module = compile(workspace, "web", "web", &[])?;
    let bound = workspace.target().join("web/bound");
    bind(workspace, &module, &bound)?;
    fs::create_dir_all(&package).with_context(|| format!("make {}", package.display()))?;
    for name in PACKAGE.into_iter().filter(|&name| name != MODULE) {
        let (from, to) = (bound.join(name), package.join(name));
        fs::copy(&from, &to).with_context(|| format!("copy {} to {}", from.display(), to.display()))?;
    }
    let small = package.join(MODULE);
    optimise(workspace, &bound.join(MODULE), &small)?;
    println!("wasm: {} kB", size_of(&small)? / 1000);
    stamp.write(&outputs)
}

/// What the wasm package is made from, this program and the versions of its tools among it.
fn rust_sources(workspace: &Workspace) -> Vec<PathBuf> {
    let names =
        [".cargo/config.toml", "Cargo.lock", "Cargo.toml", "client/wasm", "crates", "rust-toolchain.toml"];
    names.map(|name| workspace.root().join(name)).to_vec()
}

/// Compiles the wasm crate to a module.
fn compile(workspace: &Workspace, profile: &str, folder: &str, more: &[&str]) -> Result<PathBuf> {
    ensure_wasm_target(workspace)?;
    let mut cargo = workspace.cargo();
    // The kind is named here and not in the manifest: a package with two kinds of library gets no link-time
    // optimisation.
    cargo
        .args(["rustc", "--package=samverka-wasm", "--lib", "--crate-type=cdylib", "--target", WASM])
        .arg(format!("--profile={profile}"))
        .args(more);
    // Where things lie on this machine is nobody's business, and makes no other file on another.
    let cargo_home = std::env::var_os("CARGO_HOME")
        .map(PathBuf::from)
        .or_else(|| Some(std::env::home_dir()?.join(".cargo")));
    let places = [(Some(workspace.root().to_owned()), "/samverka"), (cargo_home, "/cargo")];
    let flags: Vec<String> = places
        .into_iter()
        .filter_map(|(place, name)| Some(format!("--remap-path-prefix={}={name}", place?.display())))
        .collect();
    cargo.env("CARGO_ENCODED_RUSTFLAGS", flags.join("\u{1f}"));
    run_command(&mut cargo)?;
    let module = workspace.target().join(WASM).join(folder).join("samverka_wasm.wasm");
    ensure!(module.is_file(), "{} has not been built", module.display());
    Ok(module)
}

/// Writes a module's JavaScript side.
fn bind(workspace: &Workspace, module: &Path, folder: &Path) -> Result<()> {
    run_command(workspace.cargo().args(["build", "--package=samverka-bindgen"]))?;
    let program = workspace.binary(Profile::Dev, "samverka-bindgen")?;
    run_command(Command::new(program).arg(module).arg(folder))
}

/// Makes a module small.
fn optimise(workspace: &Workspace, from: &Path, to: &Path) -> Result<()> {
    let tools = workspace.root().join("client/wasm");
    let inputs = [from.to_owned(), tools.join("package-lock.json")];
    let stamp = Stamp::of(workspace, "wasm-opt", &inputs, &FEATURES)?;
    let outputs = [to.to_owned()];
    if stamp.holds(&outputs) {
        return Ok(());
    }
    install(&tools)?;
    let mut command = Command::new("node");
    command.arg(tools.join("node_modules/binaryen/bin/wasm-opt"));
    command.arg("-Oz").args(FEATURES).arg(from).arg("-o").arg(to);
    run_command(&mut command)?;
    // A file that no browser takes would look well made until somebody opens the app.
    let valid = "process.exit(WebAssembly.validate(require('fs').readFileSync(process.argv[1])) ? 0 : 1)";
    run_command(Command::new("node").args(["-e", valid]).arg(to))
        .context("wasm-opt wrote what V8 does not take")?;
    stamp.write(&outputs)
}

fn build_app(workspace: &Workspace) -> Result<PathBuf> {
    let app = app(workspace);
    let inputs = APP_SOURCES.map(|name| app.join(name));
    let stamp = Stamp::of(workspace, "app", &inputs, &[])?;
    let outputs = [app.join("dist")];
    if stamp.holds(&outputs) {
        println!("app: as it was");
        return Ok(app.join("dist"));
    }
    install(&app)?;
    run_command(npm(&app).args(["run", "build"]))?;
    run_command(Command::new("node").current_dir(&app).arg("scripts/compress.mjs"))?;
    // The relay's build script does not watch for a folder that is not there yet.
    let script = workspace.root().join("server/build.rs");
    let touched =
        fs::File::options().append(true).open(&script).and_then(|file| file.set_modified(SystemTime::now()));
    touched.with_context(|| format!("touch {}", script.display()))?;
    stamp.write(&outputs)?;
    Ok(app.join("dist"))
}

fn app(workspace: &Workspace) -> PathBuf {
    workspace.root().join("client/web")
}

/// Installs what a package's lock file says, unless that is there already.
pub(crate) fn install(package: &Path) -> Result<()> {
    let lock = package.join("package-lock.json");
    let wanted = fs::read(&lock).with_context(|| format!("read {}", lock.display()))?;
    let mark = package.join("node_modules/.samverka-installed");
    // A missing mark means: not installed by us, or not to the end.
    if fs::read(&mark).is_ok_and(|installed| installed == wanted) {
        return Ok(());
    }
    run_command(npm(package).args(["ci", "--no-audit", "--no-fund"]))?;
    fs::write(&mark, wanted).with_context(|| format!("write {}", mark.display()))
}

/// npm in the app's folder.
pub(crate) fn in_app(workspace: &Workspace) -> Command {
    npm(&app(workspace))
}

/// npm in a package's folder.
fn npm(package: &Path) -> Command {
    let mut command = Command::new(if cfg!(windows) { "npm.cmd" } else { "npm" });
    command.current_dir(package);
    command
}

fn size_of(file: &Path) -> Result<u64> {
    Ok(fs::metadata(file).with_context(|| format!("look at {}", file.display()))?.len())
}
