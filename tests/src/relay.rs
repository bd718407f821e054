//! A relay process.

use std::io::{BufRead, BufReader};
use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::time::Duration;
use std::{fs, thread};

use anyhow::{Context, Result, bail, ensure};

use crate::binary;

/// How long a relay may take to say where it listens. It takes some 20 ms; a loaded machine may need more.
const START_MAX: Duration = Duration::from_secs(60);

/// A running relay and its data folder. It is killed when dropped.
pub struct Relay {
    child: Option<Child>,
    address: SocketAddr,
    data: PathBuf,
    arguments: Vec<String>,
}

impl Relay {
    /// Starts a relay on a free port with its data in `data`.
    ///
    /// # Errors
    /// Where it does not start.
    pub fn start(data: &Path) -> Result<Self> {
        Self::start_with(data, &[])
    }

    /// As [`Self::start`], with further arguments to `serve`.
    ///
    /// # Errors
    /// Where it does not start.
    pub fn start_with(data: &Path, arguments: &[&str]) -> Result<Self> {
        // A relay that is restarted has to come back at the same address, so the port is chosen here.
        let address = TcpListener::bind("127.0.0.1:0")?.local_addr()?;
        let arguments = arguments.iter().map(ToString::to_string).collect();
        let mut relay = Self { child: None, address, data: data.to_owned(), arguments };
        relay.restart()?;
        Ok(relay)
    }

    /// Starts the process again, at the same address and on the same data.
    ///
    /// # Errors
    /// Where it does not start.
    pub fn restart(&mut self) -> Result<()> {
        self.kill()?;
        fs::create_dir_all(&self.data)?;
        let log = fs::OpenOptions::new().create(true).append(true).open(self.log_path())?;
        let mut child = Command::new(binary("samverka-relay")?)
            .arg("serve")
            .args(["--listen", &self.address.to_string(), "--hosting", "open"])
            .arg("--data")
            .arg(&self.data)
            .args(&self.arguments)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(log)
            .spawn()
            .context("start the relay")?;
        let stdout = child.stdout.take().context("the relay has no stdout")?;
        self.child = Some(child);
        let (sender, lines) = mpsc::channel();
        thread::spawn(move || {
            for line in BufReader::new(stdout).lines().map_while(Result::ok) {
                if sender.send(line).is_err() {
                    break;
                }
            }
        });
        loop {
            let line = lines.recv_timeout(START_MAX).with_context(|| {
                format!("the relay did not say where it listens; its log: {}", self.log().unwrap_or_default())
            })?;
            if line.contains("listening on") {
                return Ok(());
            }
        }
    }

    /// The relay's address as people type it.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Host and port.
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// The data folder.
    pub fn data(&self) -> &Path {
        &self.data
    }

    /// The process id.
    ///
    /// # Errors
    /// Where the relay does not run.
    pub fn pid(&self) -> Result<u32> {
        Ok(self.child.as_ref().context("the relay does not run")?.id())
    }

    /// Everything that it has logged.
    ///
    /// # Errors
    /// Where the log cannot be read.
    pub fn log(&self) -> Result<String> {
        Ok(fs::read_to_string(self.log_path())?)
    }

    /// Kills the process on the spot (SIGKILL): the plug is pulled.
    ///
    /// # Errors
    /// Where the process cannot be waited for.
    pub fn kill(&mut self) -> Result<()> {
        if let Some(mut child) = self.child.take() {
            child.kill()?;
            child.wait()?;
        }
        Ok(())
    }

    /// Asks the process to stop (SIGTERM) and waits for it.
    ///
    /// # Errors
    /// Where it does not end well.
    pub fn stop(&mut self) -> Result<()> {
        let Some(mut child) = self.child.take() else { return Ok(()) };
        let asked = Command::new("kill").arg(child.id().to_string()).status()?;
        ensure!(asked.success(), "the relay could not be asked to stop");
        let status = child.wait()?;
        ensure!(status.success(), "the relay ended with {status}");
        Ok(())
    }

    /// Runs another command of the relay's binary on its data folder (`check`, `stats`, `backup TO`).
    ///
    /// # Errors
    /// Where the command fails; its words are in the error.
    pub fn command(&self, arguments: &[&str]) -> Result<String> {
        let (name, rest) = arguments.split_first().context("which command?")?;
        let output = Command::new(binary("samverka-relay")?)
            .arg(name)
            .arg("--data")
            .arg(&self.data)
            .args(rest)
            .output()?;
        if !output.status.success() {
            bail!(
                "samverka-relay {arguments:?}: {}{}",
                String::from_utf8_lossy(&output.stdout),
                String::from_utf8_lossy(&output.stderr)
            );
        }
        Ok(String::from_utf8(output.stdout)?)
    }

    fn log_path(&self) -> PathBuf {
        self.data.with_extension("log")
    }
}

impl Drop for Relay {
    fn drop(&mut self) {
        // A process that cannot be killed has ended already.
        let _ended = self.kill();
    }
}
