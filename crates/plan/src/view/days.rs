//! Dates and ISO weeks as days.

/// The last day of a date or week (`2027-W08` ends on its Sunday, as far as comparing goes).
pub(super) fn last_day(due: &str) -> String {
    day_of(due).map_or_else(|| due.to_owned(), iso_date)
}

pub(super) fn days_between(from: Option<&str>, to: &str) -> i64 {
    match (from.and_then(day_of), day_of(to)) {
        (Some(from), Some(to)) => to - from,
        _ => 0,
    }
}

/// Days since 1970-01-01 of an ISO date, or of the Sunday of an ISO week (ISO 8601).
pub fn day_of(date: &str) -> Option<i64> {
    if let Some((year, week)) = date.split_once("-W") {
        let (year, week): (i64, i64) = (year.parse().ok()?, week.parse().ok()?);
        if !(1..=53).contains(&week) {
            return None;
        }
        let fourth_of_january = days(year, 1, 4);
        let monday = fourth_of_january - (fourth_of_january + 3).rem_euclid(7);
        return Some(monday + (week - 1) * 7 + 6);
    }
    let mut parts = date.splitn(3, '-');
    let (year, month, day) = (parts.next()?, parts.next()?, parts.next()?);
    let (year, month, day): (i64, i64, i64) = (year.parse().ok()?, month.parse().ok()?, day.parse().ok()?);
    let there_is = (1..=12).contains(&month) && (1..=31).contains(&day);
    let at = days(year, month, day);
    (there_is && iso_date(at) == date).then_some(at)
}

/// Days since 1970-01-01 in the proleptic Gregorian calendar (Howard Hinnant's method).
fn days(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let of_era = year.rem_euclid(400);
    let of_year = (153 * (month + if month > 2 { -3 } else { 9 }) + 2) / 5 + day - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

/// The ISO date of a day since 1970-01-01.
pub fn iso_date(day: i64) -> String {
    let shifted = day + 719_468;
    let era = shifted.div_euclid(146_097);
    let of_era = shifted.rem_euclid(146_097);
    let year_of_era = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * of_year + 2) / 153;
    let day = of_year - (153 * shifted_month + 2) / 5 + 1;
    let month = if shifted_month < 10 { shifted_month + 3 } else { shifted_month - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    format!("{year:04}-{month:02}-{day:02}")
}

#[cfg(test)]
mod tests {
    use super::{day_of, iso_date};

    #[test]
    fn dates_and_weeks_become_days_and_back() {
        assert_eq!(day_of("1970-01-01"), Some(0));
        assert_eq!(day_of("2027-03-31").map(iso_date).as_deref(), Some("2027-03-31"));
        assert_eq!(day_of("2027-W08").map(iso_date).as_deref(), Some("2027-02-28"));
        assert_eq!(day_of("2027-02-30"), None);
        assert_eq!(day_of("soon"), None);
    }
}
