//! `cargo xtask web`: the web app, from Rust to files that a relay embeds.
//!
//! 1. the types of what crosses into JavaScript (`samverka-plan`), which are committed,
//! 2. the replica as wasm (`client/wasm`, profile `web`),
//! 3. its JavaScript side (`samverka-bindgen`),
//! 4. made small (`wasm-opt`, from npm),
//! 5. the app around it (`client/web`, Vite),
//! 6. each file compressed beforehand.
//!
//! What nothing has changed for is left out: 1; 2 to 4, or 4 alone where the module comes out the same; 5 and 6.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::SystemTime;

use anyhow::{Context, Result, ensure};

use crate::fresh::{Stamp, files_under};
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
    /// Only the types for TypeScript, which are committed: after a change of a view or a command.
    #[arg(long, conflicts_with_all = ["wasm_only", "for_tests"])]
    types_only: bool,
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
    if arguments.types_only {
        return write_types(&workspace);
    }
    if arguments.for_tests {
        let package = build_for_tests(&workspace)?;
        println!("for tests: {}", package.display());
        return Ok(());
    }
    write_types(&workspace)?;
    build_wasm(&workspace)?;
    if !arguments.wasm_only {
        build_app(&workspace)?;
    }
    Ok(())
}

/// Builds the whole app into `client/web/dist` and answers that folder.
pub(crate) fn build(workspace: &Workspace) -> Result<PathBuf> {
    write_types(workspace)?;
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

/// Says what to do where the committed types are not those that Rust has.
pub(crate) fn check_types(workspace: &Workspace) -> Result<()> {
    let (made, committed) = (make_types(workspace)?, types(workspace));
    let stale = |file: &PathBuf| fs::read(made.join(file)).ok() != fs::read(committed.join(file)).ok();
    let mut files = [files_under(&made)?, files_under(&committed)?].concat();
    files.retain(stale);
    files.sort_unstable();
    files.dedup();
    let names: Vec<_> = files.iter().map(|file| file.display().to_string()).collect();
    ensure!(
        names.is_empty(),
        "{} in client/web/src/core/generated: not as Rust has them; run `cargo xtask web --types-only` and commit",
        names.join(", ")
    );
    Ok(())
}

/// Writes the types where the app imports them. A type that is gone leaves no file behind.
fn write_types(workspace: &Workspace) -> Result<()> {
    let (made, folder) = (make_types(workspace)?, types(workspace));
    if folder.exists() {
        fs::remove_dir_all(&folder).with_context(|| format!("empty {}", folder.display()))?;
    }
    for file in files_under(&made)? {
        let (from, to) = (made.join(&file), folder.join(&file));
        if let Some(parent) = to.parent() {
            fs::create_dir_all(parent).with_context(|| format!("make {}", parent.display()))?;
        }
        fs::copy(&from, &to).with_context(|| format!("copy {} to {}", from.display(), to.display()))?;
    }
    Ok(())
}

/// Makes the types of commands and views that Rust has, and answers their folder under `target`.
fn make_types(workspace: &Workspace) -> Result<PathBuf> {
    let folder = workspace.target().join("web/types");
    let stamp = Stamp::of(workspace, "types", &rust_sources(workspace), &[])?;
    let outputs = [folder.clone()];
    if stamp.holds(&outputs) {
        return Ok(folder);
    }
    if folder.exists() {
        fs::remove_dir_all(&folder).with_context(|| format!("empty {}", folder.display()))?;
    }
    let mut cargo = workspace.cargo();
    cargo.args([
        "run",
        "--quiet",
        "--package=samverka-plan",
        "--features=typescript",
        "--example=typescript",
    ]);
    run_command(cargo.arg("--").arg(&folder))?;
    for file in files_under(&folder)? {
        let path = folder.join(file);
        let text = fs::read_to_string(&path).with_context(|| format!("read {}", path.display()))?;
        // Maps come out of ts-rs as if every name might hold nothing. They hold what they hold, and a name that is not
        // there is the compiler's `noUncheckedIndexedAccess` to find.
        fs::write(&path, text.replace("[key in string]?:", "[key in string]:"))
            .with_context(|| format!("write {}", path.display()))?;
    }
    stamp.write(&outputs)?;
    Ok(folder)
}

/// Where the app imports the types.
fn types(workspace: &Workspace) -> PathBuf {
    app(workspace).join("src/core/generated")
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
    let mut ask = Command::new("rustc");
    let toolchain = stdout_of(ask.current_dir(workspace.root()).args(["--print", "sysroot"]))?;
    let toolchain = Some(PathBuf::from(toolchain.trim()));
    let places =
        [(Some(workspace.root().to_owned()), "/samverka"), (cargo_home, "/cargo"), (toolchain, "/rust")];
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
