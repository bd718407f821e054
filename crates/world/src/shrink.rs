//! Makes a script that fails as short as it gets: fewer steps, then fewer people, relays, and faster disks.

use crate::run::{Failure, run};
use crate::script::Script;

/// Scripts that are tried at most: a minute of them.
const TRIES_MAX: usize = 400;

/// The shortest script found that fails too, and how.
pub fn shrink(script: &Script, failure: &Failure) -> (Script, Failure) {
    let mut best = Best { script: script.clone(), failure: failure.clone(), tries: 0 };
    if let Some(step) = failure.after_step {
        // What came later has nothing to do with it.
        let mut shorter = script.clone();
        shorter.steps.truncate(step + 1);
        best.offer(shorter);
    }
    loop {
        let before = best.script.clone();
        best.drop_steps();
        best.drop_actors();
        if best.script == before || best.tries >= TRIES_MAX {
            return (best.script, best.failure);
        }
    }
}

struct Best {
    script: Script,
    failure: Failure,
    tries: usize,
}

impl Best {
    /// Takes a script if it fails as well.
    fn offer(&mut self, script: Script) -> bool {
        if self.tries >= TRIES_MAX || script == self.script {
            return false;
        }
        self.tries += 1;
        let Err(failure) = run(&script) else { return false };
        self.script = script;
        self.failure = failure;
        true
    }

    /// Leaves out runs of steps, long ones first.
    fn drop_steps(&mut self) {
        let mut size = self.script.steps.len().div_ceil(2).max(1);
        loop {
            let mut from = 0;
            while from < self.script.steps.len() {
                let mut shorter = self.script.clone();
                let until = (from + size).min(shorter.steps.len());
                shorter.steps.drain(from..until);
                if !self.offer(shorter) {
                    from += size;
                }
            }
            if size == 1 {
                return;
            }
            size = size.div_ceil(2);
        }
    }

    fn drop_actors(&mut self) {
        for people in 1..self.script.people {
            if self.offer(Script { people, ..self.script.clone() }) {
                break;
            }
        }
        for relays in 1..self.script.relays {
            if self.offer(Script { relays, ..self.script.clone() }) {
                break;
            }
        }
        self.offer(Script { disk_delay_ms: 0, ..self.script.clone() });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::script::Kind;

    #[test]
    fn what_has_nothing_to_do_with_a_failure_is_left_out() {
        let mut script = Script::of(0);
        script.people = 2;
        script.steps.truncate(8);
        // A step that fails whatever comes before it.
        script.steps[5].kind = Kind::Fail;
        let failure = run(&script).unwrap_err();
        assert_eq!(failure.after_step, Some(5));
        let (short, _) = shrink(&script, &failure);
        assert_eq!(short.steps.iter().map(|step| step.kind).collect::<Vec<_>>(), [Kind::Fail]);
        assert_eq!((short.people, short.disk_delay_ms), (1, 0));
    }
}
