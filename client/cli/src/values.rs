//! Dates, durations and ids as people type them.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use anyhow::{Result, bail};
use samverka_plan::day_of;

/// The time, in Unix milliseconds.
pub(crate) fn now_ms() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}

/// How long until a time, in Unix milliseconds, comes: to the microsecond, since a wait cut to whole milliseconds ends
/// half of one late on average.
pub(crate) fn until_ms(at_ms: u64) -> Duration {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Duration::from_millis(at_ms).saturating_sub(since)
}

/// Today where this device is, as an ISO date.
pub(crate) fn today() -> String {
    jiff::ZonedDateTime::now().date().to_string()
}

/// A moment as people read it, where this device is.
pub(crate) fn moment(ms: u64) -> String {
    let timestamp = i64::try_from(ms).ok().and_then(|ms| jiff::Timestamp::from_millisecond(ms).ok());
    let local = timestamp.map(|timestamp| timestamp.to_zoned_datetime(jiff::tz::TimeZone::system()));
    local.map(|local| local.strftime("%Y-%m-%d %H:%M").to_string()).unwrap_or_default()
}

/// `2027-03-31`, `31.3.2027`, `31.3` (the next one), `2027-W08`, `v. 8`, `v8` (the next one).
pub(crate) fn date(text: &str) -> Result<String, String> {
    date_from(text, &today())
        .ok_or_else(|| "a date is 2027-03-31, 31.3.2027, 31.3 or a week as v.8".to_owned())
}

fn date_from(text: &str, today: &str) -> Option<String> {
    let text = text.trim();
    if day_of(text).is_some() {
        return Some(text.to_owned());
    }
    let this_year: i64 = today.get(..4)?.parse().ok()?;
    if let Some(week) = text.strip_prefix(['v', 'V']) {
        let week: u8 = week.trim_start_matches('.').trim().parse().ok()?;
        let of = |year: i64| format!("{year}-W{week:02}");
        let (this, next) = (of(this_year), of(this_year + 1));
        let chosen = if day_of(&this)? >= day_of(today)? { this } else { next };
        return day_of(&chosen).map(|_| chosen);
    }
    let mut parts = text.trim_end_matches('.').split('.');
    let day: u8 = parts.next()?.trim().parse().ok()?;
    let month: u8 = parts.next()?.trim().parse().ok()?;
    let year: Option<i64> = match parts.next().map(str::trim) {
        None | Some("") => None,
        Some(year) => Some(year.parse().ok()?),
    };
    if parts.next().is_some() {
        return None;
    }
    let of = |year: i64| format!("{year:04}-{month:02}-{day:02}");
    let chosen = match year {
        Some(year) => of(year),
        None if of(this_year).as_str() >= today => of(this_year),
        None => of(this_year + 1),
    };
    day_of(&chosen).map(|_| chosen)
}

/// `30m`, `12h`, `7d`, `2w`, in milliseconds.
pub(crate) fn duration_ms(text: &str) -> Result<u64, String> {
    let wrong = || "a duration is 30m, 12h, 7d or 2w".to_owned();
    let (number, unit) = text.split_at(text.len() - text.chars().next_back().map_or(0, char::len_utf8));
    let unit_ms: u64 = match unit {
        "m" => 60_000,
        "h" => 3_600_000,
        "d" => 86_400_000,
        "w" => 604_800_000,
        _ => return Err(wrong()),
    };
    let number: u64 = number.parse().map_err(|_| wrong())?;
    number.checked_mul(unit_ms).filter(|ms| *ms > 0).ok_or_else(wrong)
}

/// What a list shows of an id: all of a short one, the end of a long one.
pub(crate) fn short(id: &str) -> &str {
    let long = id.len() > SHORT_MAX && id.is_ascii();
    id.get(if long { id.len() - SHORT_LEN } else { 0 }..).unwrap_or(id)
}

/// Ids up to here are shown whole: those that people gave in a file.
const SHORT_MAX: usize = 12;
/// Characters shown of a longer one: 32 random bits, of which two are alike in one of a million plans of 90 things.
const SHORT_LEN: usize = 8;
/// Characters of an ending that are taken for an id's.
const ENDING_MIN: usize = 4;

/// The one id that is what was typed, or begins or ends with it. Ids made here begin with the time, so that those of
/// one meeting begin alike: lists show how they end.
pub(crate) fn one_of(what: &str, typed: &str, ids: &[String]) -> Result<String> {
    if let Some(same) = ids.iter().find(|id| *id == typed) {
        return Ok(same.clone());
    }
    let is_meant = |id: &&String| {
        !typed.is_empty() && (id.starts_with(typed) || (typed.len() >= ENDING_MIN && id.ends_with(typed)))
    };
    let matching: Vec<&String> = ids.iter().filter(is_meant).collect();
    match matching.as_slice() {
        [one] => Ok((*one).clone()),
        [] => bail!("there is no {what} {typed} in this plan"),
        several => {
            let some: Vec<&str> = several.iter().take(4).map(|id| id.as_str()).collect();
            bail!("{} {what}s are meant by {typed}: {} …; type more of it", several.len(), some.join(", "))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{date_from, duration_ms, one_of, short};

    #[test]
    fn dates_are_understood_as_people_write_them_in_the_north() {
        let today = "2027-02-10";
        for (typed, meant) in [
            ("2027-03-31", "2027-03-31"),
            ("31.3.2027", "2027-03-31"),
            ("31.3.", "2027-03-31"),
            ("9.2", "2028-02-09"),
            ("v. 8", "2027-W08"),
            ("v5", "2028-W05"),
            ("2027-W08", "2027-W08"),
        ] {
            assert_eq!(date_from(typed, today).as_deref(), Some(meant), "{typed}");
        }
        for wrong in ["31.2.2027", "soon", "2027-13-01", "v. 60", ""] {
            assert_eq!(date_from(wrong, today), None, "{wrong}");
        }
    }

    #[test]
    fn durations_have_a_unit() {
        assert_eq!(duration_ms("7d"), Ok(604_800_000));
        assert!(duration_ms("7").is_err() && duration_ms("").is_err() && duration_ms("0d").is_err());
    }

    #[test]
    fn the_beginning_of_an_id_is_enough_while_it_is_the_only_one() {
        let ids = ["c-01".to_owned(), "c-02".to_owned(), "d".to_owned()];
        assert_eq!(one_of("commitment", "d", &ids).expect("one"), "d");
        assert!(one_of("commitment", "c", &ids).is_err());
        assert!(one_of("commitment", "x", &ids).is_err());
    }

    #[test]
    fn what_a_list_shows_of_an_id_can_be_typed() {
        let ids = ["0199a3c2-0000-7000-8000-00aa12345678", "0199a3c2-0000-7000-8000-00bb87654321", "p-01"];
        let ids = ids.map(str::to_owned);
        for id in &ids {
            assert_eq!(one_of("note", short(id), &ids).expect("one"), *id);
        }
        assert_eq!((short(&ids[0]), short(&ids[2])), ("12345678", "p-01"));
        assert!(one_of("note", "0199a3c2", &ids).is_err());
    }
}
