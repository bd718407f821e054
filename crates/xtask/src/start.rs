//! `cargo xtask start`: a relay with the web app in it and a home with the sample plan, ready to be played with.

use std::fs;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use serde_json::Value;

use crate::workspace::{Profile, Workspace, run as run_command, stdout_of};

/// How long the relay may take to be ready. It takes some tens of milliseconds; a busy machine may need more.
const READY_MAX: Duration = Duration::from_secs(30);

/// How long the relay may take to finish what it has accepted after it was asked to stop.
const STOP_MAX: Duration = Duration::from_secs(20);

/// How often to look whether something has happened that nobody announces.
const LOOK_EVERY: Duration = Duration::from_millis(50);

/// What `cargo xtask start` can be told.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// Where the relay listens.
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:8787")]
    listen: SocketAddr,
    /// Builds for speed. The default build is made in half the time, and its dependencies are optimised all the same.
    #[arg(long)]
    release: bool,
    /// Forgets what earlier runs left in `target/start`.
    #[arg(long)]
    fresh: bool,
    /// Leaves the web app as it is: the relay serves what `cargo xtask web` built last, or a page that says how.
    #[arg(long)]
    without_app: bool,
}

/// Builds, starts, fills, tells, and waits for Ctrl+C.
pub(crate) fn run(arguments: &Arguments) -> Result<()> {
    let workspace = Workspace::open()?;
    let profile = if arguments.release { Profile::Release } else { Profile::Dev };
    if !arguments.without_app {
        crate::web::build(&workspace)
            .context("the web app could not be built; --without-app starts the relay without it")?;
    }
    run_command(workspace.cargo().args([
        "build",
        profile.argument(),
        "--package=samverka",
        "--package=samverka-relay",
    ]))?;
    let place = Place {
        folder: workspace.target().join("start"),
        samverka: workspace.binary(profile, "samverka")?,
        sample: workspace.root().join("examples/data/sample-plan.json"),
    };
    place.prepare(arguments.fresh)?;

    let stop = stop_signal()?;
    let mut relay = Relay::start(&workspace.binary(profile, "samverka-relay")?, &place, arguments.listen)?;
    relay.wait_until_ready(&stop)?;
    place.fill(&relay.url())?;
    place.say_what_next(&relay.url());
    relay.run_until(&stop)
}

/// The folder with everything that this command makes, and what it makes it with.
struct Place {
    folder: PathBuf,
    samverka: PathBuf,
    sample: PathBuf,
}

impl Place {
    fn prepare(&self, fresh: bool) -> Result<()> {
        if fresh && self.folder.exists() {
            fs::remove_dir_all(&self.folder).with_context(|| format!("remove {}", self.folder.display()))?;
        }
        fs::create_dir_all(&self.folder).with_context(|| format!("make {}", self.folder.display()))
    }

    fn home(&self) -> PathBuf {
        self.folder.join("home")
    }

    fn log(&self) -> PathBuf {
        self.folder.join("relay.log")
    }

    /// Sets up a home with the sample plan, unless an earlier run did, and sends what the relay lacks.
    fn fill(&self, url: &str) -> Result<()> {
        if !self.home().exists() {
            run_command(self.samverka().args([
                "init",
                "--name=Samordnare",
                "--organisation=Lindsunds skola",
                "--role=Samordnare",
                "--language=sv-FI",
            ]))?;
        }
        if self.has_no_plan()? {
            run_command(self.samverka().args(["plan", "import"]).arg(&self.sample).args(["--relay", url]))?;
        }
        run_command(self.samverka().arg("sync"))
    }

    fn has_no_plan(&self) -> Result<bool> {
        let text = stdout_of(self.samverka().args(["plan", "list", "--json"]))?;
        let list: Value = serde_json::from_str(&text).context("read `samverka plan list --json`")?;
        let plans = list.as_array().or_else(|| list["plans"].as_array());
        Ok(plans.context("`samverka plan list --json` holds no list")?.is_empty())
    }

    fn samverka(&self) -> Command {
        let mut command = Command::new(&self.samverka);
        command.arg("--home").arg(self.home());
        command
    }

    fn say_what_next(&self, url: &str) {
        let bin = self.samverka.parent().unwrap_or(Path::new("."));
        println!(
            "\n\
The app: {url} (\"try the sample plan\" on the first page needs no network).
The relay answers at the same address (health: {url}/health, figures: {url}/metrics, log: {log}).
The sample plan lies in {home}. Ctrl+C stops the relay; the next start goes on where this one ended.

In another terminal:

    export PATH=\"{bin}:$PATH\" SAMVERKA_HOME=\"{home}\"
    samverka plan show
    samverka commitment list --overdue
    samverka note add \"Bussen går för sällan på kvällen\"
    samverka sync
    samverka status

Ask somebody else in (the second home plays another organisation's laptop):

    LINK=$(samverka invite --role editor) && samverka sync
    samverka --home \"{second}\" init --name Föräldraförening --organisation \"Hem och skola\"
    samverka --home \"{second}\" join \"$LINK\" --no-wait
    samverka sync && samverka knocks
    samverka admit --all && samverka sync
    samverka --home \"{second}\" sync
    samverka --home \"{second}\" plan show\n",
            log = self.log().display(),
            home = self.home().display(),
            bin = bin.display(),
            second = self.folder.join("second").display(),
        );
    }
}

/// The relay's process. It is stopped when this is dropped.
struct Relay {
    child: Child,
    listen: SocketAddr,
    log: PathBuf,
}

impl Relay {
    fn start(binary: &Path, place: &Place, listen: SocketAddr) -> Result<Self> {
        // Asked before, or another server on this port could answer in the relay's place while the relay fails.
        drop(
            TcpListener::bind(listen)
                .with_context(|| format!("{listen} is taken; choose another with --listen"))?,
        );
        let log = place.log();
        let file = fs::File::create(&log).with_context(|| format!("make {}", log.display()))?;
        let mut command = Command::new(binary);
        command
            .args(["serve", "--listen", &listen.to_string(), "--hosting", "open", "--data"])
            .arg(place.folder.join("relay"))
            .stdin(Stdio::null())
            .stdout(file.try_clone().context("use the log twice")?)
            .stderr(file);
        // A group of its own: Ctrl+C then reaches this program only, which stops the relay the way a service manager
        // would, once, and waits for it.
        #[cfg(unix)]
        std::os::unix::process::CommandExt::process_group(&mut command, 0);
        let child = command.spawn().context("start samverka-relay")?;
        Ok(Self { child, listen, log })
    }

    fn url(&self) -> String {
        format!("http://{}", self.listen)
    }

    fn wait_until_ready(&mut self, stop: &Receiver<()>) -> Result<()> {
        let began = Instant::now();
        while !self.is_ready() {
            self.ensure_running()?;
            ensure!(began.elapsed() < READY_MAX, "the relay did not get ready; its log: {}", self.log_tail());
            ensure!(stop.recv_timeout(LOOK_EVERY).is_err(), "stopped");
        }
        self.ensure_running()
    }

    /// Asks `/ready` as a load balancer would. Any failure means: not yet.
    fn is_ready(&self) -> bool {
        let ask = || -> std::io::Result<String> {
            let mut stream = TcpStream::connect_timeout(&self.listen, LOOK_EVERY)?;
            stream.set_read_timeout(Some(Duration::from_secs(1)))?;
            write!(stream, "GET /ready HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n\r\n", self.listen)?;
            let mut answer = String::new();
            stream.take(4096).read_to_string(&mut answer)?;
            Ok(answer)
        };
        ask().is_ok_and(|answer| answer.split(' ').nth(1) == Some("200"))
    }

    fn ensure_running(&mut self) -> Result<()> {
        if let Some(status) = self.child.try_wait()? {
            bail!("the relay ended with {status}; its log:\n{}", self.log_tail());
        }
        Ok(())
    }

    fn run_until(mut self, stop: &Receiver<()>) -> Result<()> {
        while let Err(RecvTimeoutError::Timeout) = stop.recv_timeout(LOOK_EVERY) {
            self.ensure_running()?;
        }
        println!("\nstopping the relay");
        let status = self.stop()?;
        ensure!(status.success(), "the relay ended with {status}; its log:\n{}", self.log_tail());
        println!("stopped; everything that it acknowledged is on disk");
        Ok(())
    }

    /// Asks the relay to stop, waits, and ends it the hard way only where it does not listen.
    fn stop(&mut self) -> Result<ExitStatus> {
        #[cfg(unix)]
        if self.child.try_wait()?.is_none() {
            let asked = Command::new("kill").args(["-TERM", &self.child.id().to_string()]).status()?;
            ensure!(asked.success(), "the relay could not be asked to stop");
            let began = Instant::now();
            while self.child.try_wait()?.is_none() && began.elapsed() < STOP_MAX {
                std::thread::sleep(LOOK_EVERY);
            }
        }
        if self.child.try_wait()?.is_none() {
            self.child.kill().context("end the relay")?;
        }
        Ok(self.child.wait()?)
    }

    fn log_tail(&self) -> String {
        let text = fs::read_to_string(&self.log).unwrap_or_else(|error| format!("(cannot be read: {error})"));
        let lines: Vec<_> = text.lines().collect();
        lines[lines.len().saturating_sub(20)..].join("\n")
    }
}

impl Drop for Relay {
    fn drop(&mut self) {
        if let Err(error) = self.stop() {
            eprintln!("the relay (process {}) could not be stopped: {error:#}", self.child.id());
        }
    }
}

/// Receives something when the person presses Ctrl+C or the system asks this program to end.
fn stop_signal() -> Result<Receiver<()>> {
    let (sender, receiver) = mpsc::channel();
    ctrlc::set_handler(move || {
        // The receiver is gone only when this program is ending anyway.
        let _ending = sender.send(());
    })
    .context("listen for Ctrl+C")?;
    Ok(receiver)
}
