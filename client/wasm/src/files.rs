//! Files out and in, and looking back over the entries in the store.

use samverka_log::Entry;
use samverka_plan::exchange::csv::{CsvError, What};
use samverka_plan::exchange::ics::Selection;
use samverka_plan::exchange::{boards, csv, ics, json as plan_json, markdown};
use samverka_plan::{Command, DocumentHex, EntityRef, Outcome};
use samverka_replica::{Fault, ReplicaError, Verifier};
use serde_json::{Value as Json, json};

use crate::answers::json_of;
use crate::arguments::Arguments;
use crate::failure::Failure;
use crate::open::{Moment, OpenPlan};
use crate::things::board_of;

impl OpenPlan {
    /// Writes a file; `request` is an `ExportRequest` of `api.ts`.
    ///
    /// # Errors
    /// [`Failure`].
    pub fn export(&mut self, request: &Json, moment: &Moment) -> Result<Vec<u8>, Failure> {
        let request = Arguments(request);
        let language = self.language;
        let workspace = self.replica.workspace()?;
        Ok(match request.text("format")? {
            "json" => plan_json::export_text(workspace).into_bytes(),
            "markdown" => markdown::memo(workspace, language, &moment.today).into_bytes(),
            "csv" => {
                let what = table(request.text("table")?)?;
                csv::export(workspace, what, language, &moment.today).into_bytes()
            }
            "ics" => {
                let participant = request.text_or_none("participant")?.map(str::to_owned);
                let selection = Selection { participant, neutral: request.value("neutral") == &json!(true) };
                ics::export(workspace, &selection, language, &moment.today).into_bytes()
            }
            "automerge" => {
                let plan = workspace.plan_document();
                let document = board_of(request.text_or_none("board")?)?.unwrap_or(plan);
                self.replica.automerge_file(document)?
            }
            other => return Err(Failure::malformed(&format!("there is no format {other}"))),
        })
    }

    /// Takes a file in: every thing that it makes, in the order of the file. `request` is an `ImportRequest` of
    /// `api.ts`, without what is in the file.
    ///
    /// # Errors
    /// [`Failure`].
    pub fn import(&mut self, request: &Json, bytes: &[u8], moment: &Moment) -> Result<Json, Failure> {
        let commands = self.read(request, bytes, moment)?;
        let mut outcome = Outcome::default();
        for command in &commands {
            let made = self.replica.execute(command, moment.now_ms, &mut self.rng)?;
            outcome.entities.extend(made.entities);
            outcome.remarks.extend(made.remarks);
        }
        json_of(outcome)
    }

    fn read(&mut self, request: &Json, bytes: &[u8], moment: &Moment) -> Result<Vec<Command>, Failure> {
        let request = Arguments(request);
        let board = board_of(request.text_or_none("board")?)?.map(DocumentHex);
        let workspace = self.replica.workspace()?;
        let (now_ms, rng) = (moment.now_ms, &mut self.rng);
        match request.text("format")? {
            "json" if is_trello(bytes) => boards::import_trello(workspace, bytes, board, now_ms, rng)
                .map_err(|error| Failure::malformed(&error)),
            "json" => {
                let plan = plan_json::import(bytes).map_err(|error| Failure::malformed(&error))?;
                Ok(vec![Command::Import(Box::new(plan))])
            }
            "csv" => match csv::import(workspace, What::Commitments, bytes, board, now_ms, rng) {
                // A table without a column of commitments is one of notes.
                Err(CsvError::NoColumn(_)) => csv::import(workspace, What::Notes, bytes, board, now_ms, rng),
                read => read,
            }
            .map_err(|error| Failure::malformed(&error)),
            "lines" => {
                let lines = core::str::from_utf8(bytes).map_err(|error| Failure::malformed(&error))?;
                boards::import_lines(workspace, lines, board, now_ms, rng)
                    .map_err(|error| Failure::malformed(&error))
            }
            other => Err(Failure::malformed(&format!("there is no format {other}: json, csv or lines"))),
        }
    }

    /// The title of a plan's file, in the language of `tag`.
    ///
    /// # Errors
    /// `malformed` where it is no plan.
    pub fn title_of_file(bytes: &[u8], tag: &str) -> Result<String, Failure> {
        let plan = plan_json::import(bytes).map_err(|error| Failure::malformed(&error))?;
        Ok(samverka_plan::pick(&plan.title(), tag))
    }

    /// Says which participant of an imported plan its founder is, rather than the one that was made for them.
    ///
    /// # Errors
    /// [`Failure`].
    pub fn be_participant(&mut self, participant: &str, moment: &Moment) -> Result<(), Failure> {
        let me = self.replica.me().ok_or(ReplicaError::NotAMember)?;
        let from = self.workspace()?.participant_of(&me);
        let from = from.ok_or_else(|| Failure::unknown("participant of", &me.short()))?;
        let command = Command::MergeParticipants { from, into: participant.to_owned() };
        self.replica.execute(&command, moment.now_ms, &mut self.rng)?;
        Ok(())
    }

    /// What entries did, of the whole plan or of one thing.
    pub fn history(&self, entries: &[Entry], about: Option<&EntityRef>) -> Vec<Json> {
        let mut items = Vec::new();
        for entry in entries {
            let item = self.replica.history_item(entry);
            let touches = |wanted: &EntityRef| item.deeds.iter().any(|deed| deed.entities.contains(wanted));
            if !about.is_none_or(touches) {
                continue;
            }
            items.push(json!({
                "entry": item.id.to_string(),
                "log": item.log.to_string(),
                "number": item.number,
                "member": item.member.map(|member| member.to_string()),
                "name": item.member.map_or_else(|| item.log.device.short(), |member| self.name_of(&member)),
                "document": item.document.map(|document| document.to_string()),
                "left_out": item.left_out,
                "deeds": item.deeds,
            }));
        }
        items
    }

    /// Checks entries as they are read back from the store, in the order of their arrival.
    pub fn verify(&mut self, entries: &[Entry]) {
        for entry in entries {
            self.replica.verify_entry(entry, &mut self.verifier);
        }
    }

    /// What the check that began with the first call of [`Self::verify`] has found; the next one begins anew.
    pub fn verified(&mut self) -> Json {
        let Verifier { entries, opened, without_body, faults, left_out, .. } =
            core::mem::take(&mut self.verifier);
        let void = self.replica.void_operations();
        json!({
            "entries": entries,
            "opened": opened,
            "without_body": without_body,
            "faults": faults.iter().map(fault_json).collect::<Vec<_>>(),
            "left_out": left_out.iter().map(fault_json).collect::<Vec<_>>(),
            "void_operations": void
                .iter()
                .map(|(id, reason)| json!({ "entry": id.to_string(), "reason": reason }))
                .collect::<Vec<_>>(),
            "sound": faults.is_empty(),
        })
    }
}

fn fault_json(fault: &Fault) -> Json {
    json!({
        "entry": fault.id.to_string(),
        "log": fault.log.to_string(),
        "number": fault.number,
        "reason": fault.reason,
    })
}

fn is_trello(bytes: &[u8]) -> bool {
    let parsed: Option<Json> = serde_json::from_slice(bytes).ok();
    parsed.is_some_and(|board| board["cards"].is_array() && board["lists"].is_array())
}

fn table(of: &str) -> Result<What, Failure> {
    Ok(match of {
        "commitments" => What::Commitments,
        "notes" => What::Notes,
        "ties" => What::Ties,
        "indicators" => What::IndicatorValues,
        other => return Err(Failure::malformed(&format!("there is no table of {other}"))),
    })
}
