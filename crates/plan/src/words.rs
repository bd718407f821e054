//! The words for things and deeds, in every language that the product speaks (domain model, section 2).
//!
//! They stand here rather than in each client, so that the command line, the web app and the memos call a thing the
//! same. Names in JSON ([`crate::Deed::what`], [`Kind::container`]) are for programs and never change.

use crate::language::Language;
use crate::schema::Kind;

/// A word in Swedish (Finland), Swedish (Sweden), Finnish and English.
type Words = [&'static str; 4];

const fn pick(words: Words, language: Language) -> &'static str {
    let [sv_fi, sv_se, fi, en] = words;
    match language {
        Language::SvFi => sv_fi,
        Language::SvSe => sv_se,
        Language::Fi => fi,
        Language::En => en,
    }
}

/// What a thing of this kind is called.
pub const fn kind_word(kind: Kind, language: Language) -> &'static str {
    pick(
        match kind {
            Kind::Meta => ["plan", "plan", "suunnitelma", "plan"],
            Kind::Organisation => ["aktör", "aktör", "toimija", "organisation"],
            Kind::Participant => ["deltagare", "deltagare", "osallistuja", "participant"],
            Kind::Meeting => ["möte", "möte", "tapaaminen", "meeting"],
            Kind::Goal => ["mål", "mål", "tavoite", "goal"],
            Kind::Indicator => ["mätare", "indikator", "mittari", "indicator"],
            Kind::Commitment => ["åtagande", "åtagande", "sitoumus", "commitment"],
            Kind::Decision => ["beslut", "beslut", "päätös", "decision"],
            Kind::FollowUp => ["uppföljning", "uppföljning", "seuranta", "follow-up"],
            Kind::Tie => ["koppling", "koppling", "kytkös", "tie"],
            Kind::Board => ["tavla", "tavla", "taulu", "board"],
            Kind::Relay => ["relä", "relä", "välitin", "relay"],
            Kind::Note => ["lapp", "lapp", "lappu", "note"],
            Kind::Cluster => ["tema", "tema", "teema", "theme"],
            Kind::Stage => ["skede", "skede", "vaihe", "stage"],
            Kind::Vote => ["prickröstning", "prickröstning", "pisteäänestys", "vote"],
        },
        language,
    )
}

/// What somebody did, as a verb in the past, for a history: from the name of a command, an event of a commitment, a
/// statement or a membership operation. `None` for a name that this version does not know.
pub fn deed_word(what: &str, language: Language) -> Option<&'static str> {
    plan_deed(what)
        .or_else(|| commitment_deed(what))
        .or_else(|| membership_deed(what))
        .map(|words| pick(words, language))
}

fn plan_deed(what: &str) -> Option<Words> {
    Some(match what {
        "new_plan" => ["började planen", "började planen", "aloitti suunnitelman", "began the plan"],
        "add" => ["lade till", "lade till", "lisäsi", "added"],
        "edit" | "change" => ["ändrade", "ändrade", "muutti", "changed"],
        "members" => [
            "ändrade vilka som hör till",
            "ändrade vilka som hör till",
            "muutti mukana olevia",
            "changed who belongs",
        ],
        "settle" => [
            "valde mellan två svar",
            "valde mellan två svar",
            "valitsi kahdesta vastauksesta",
            "chose between two answers",
        ],
        "merge_clusters" => ["slog ihop teman", "slog ihop teman", "yhdisti teemoja", "merged themes"],
        "merge_commitments" => {
            ["slog ihop åtaganden", "slog ihop åtaganden", "yhdisti sitoumuksia", "merged commitments"]
        }
        "new_board" => ["öppnade en tavla", "öppnade en tavla", "avasi taulun", "opened a board"],
        "open_vote" => ["öppnade en röstning", "öppnade en röstning", "avasi äänestyksen", "opened a vote"],
        "close_vote" => {
            ["avslutade en röstning", "avslutade en röstning", "päätti äänestyksen", "closed a vote"]
        }
        "ballot" => ["röstade", "röstade", "äänesti", "voted"],
        "ballot_for" => [
            "röstade för någon annan",
            "röstade för någon annan",
            "äänesti toisen puolesta",
            "voted for somebody else",
        ],
        "agree_to_plan" => {
            ["godkände planen", "godkände planen", "hyväksyi suunnitelman", "agreed to the plan"]
        }
        "stance" => ["tog ställning", "tog ställning", "otti kantaa", "took a stance"],
        "judge" => ["bedömde ett mål", "bedömde ett mål", "arvioi tavoitteen", "judged a goal"],
        "state_tie" => {
            ["berättade om en koppling", "berättade om en koppling", "kertoi kytköksestä", "told of a tie"]
        }
        "admit" => [
            "sade vem en medlem är",
            "sade vem en medlem är",
            "kertoi, kuka jäsen on",
            "said who a member is",
        ],
        "profile" => ["berättade vem de är", "berättade vem de är", "kertoi, kuka on", "said who they are"],
        "place" => [
            "sade var en deltagare hör hemma",
            "sade var en deltagare hör hemma",
            "kertoi osallistujan toimijan",
            "said where a participant belongs",
        ],
        "import" => ["läste in en plan", "läste in en plan", "toi suunnitelman", "took in a plan"],
        _ => return None,
    })
}

fn commitment_deed(what: &str) -> Option<Words> {
    Some(match what {
        "suggest" => ["föreslog", "föreslog", "ehdotti", "suggested"],
        "request" => ["bad om", "begärde", "pyysi", "asked for"],
        "promise" => ["lovade", "lovade", "lupasi", "promised"],
        "decline" => ["tackade nej", "tackade nej", "kieltäytyi", "declined"],
        "counter_offer" => {
            ["gav ett annat förslag", "gav ett motförslag", "teki vastaehdotuksen", "offered something else"]
        }
        "organisation_confirmed" => [
            "bekräftade för sin aktör",
            "bekräftade för sin verksamhet",
            "vahvisti toimijansa puolesta",
            "confirmed for the organisation",
        ],
        "organisation_refused" => [
            "sade nej för sin aktör",
            "sade nej för sin verksamhet",
            "kieltäytyi toimijansa puolesta",
            "refused for the organisation",
        ],
        "start" => ["började", "påbörjade", "aloitti", "started"],
        "log" => ["skrev hur det går", "skrev hur det går", "kirjasi tilanteen", "told how it goes"],
        "renegotiate" => ["kom överens på nytt", "omförhandlade", "sopi uudelleen", "renegotiated"],
        "propose_due" => {
            ["föreslog ett datum", "föreslog ett datum", "ehdotti määräaikaa", "proposed a date"]
        }
        "keep_due" => {
            ["höll fast vid datumet", "höll fast vid datumet", "piti kiinni määräajasta", "kept the date"]
        }
        "agree" => ["höll med", "höll med", "oli samaa mieltä", "agreed"],
        "hand_over" => ["lämnade över", "lämnade över", "luovutti", "handed over"],
        "report_done" => ["anmälde klart", "klarrapporterade", "ilmoitti valmiiksi", "reported done"],
        "accept" => ["godkände", "godkände", "hyväksyi", "accepted"],
        "not_yet" => ["sade inte ännu", "sade inte ännu", "sanoi: ei vielä", "said not yet"],
        "withdraw" => ["tog tillbaka", "tog tillbaka", "perui lupauksensa", "withdrew"],
        "cancel" => ["ställde in", "avslutade", "perui pyynnön", "cancelled"],
        "settle_talk" => [
            "sade vad som gäller efter ett samtal",
            "sade vad som gäller efter ett samtal",
            "kertoi, mikä pätee keskustelun jälkeen",
            "said what holds after a talk",
        ],
        "settle_owner" => {
            ["sade vem som ansvarar", "sade vem som ansvarar", "kertoi, kuka vastaa", "said who owns it"]
        }
        "revise" => ["ändrade villkoren", "ändrade villkoren", "muutti ehtoja", "revised the terms"],
        "with" => [
            "ändrade vilka som hjälper till",
            "ändrade vilka som hjälper till",
            "muutti auttajia",
            "changed who helps",
        ],
        "merge" => [
            "slog ihop med ett annat",
            "slog ihop med ett annat",
            "yhdisti toiseen",
            "merged it with another",
        ],
        _ => return None,
    })
}

fn membership_deed(what: &str) -> Option<Words> {
    Some(match what {
        "genesis" => ["grundade planen", "grundade planen", "perusti suunnitelman", "founded the plan"],
        "add_member" => ["släppte in någon", "släppte in någon", "päästi jonkun sisään", "let somebody in"],
        "add_device" => ["lade till en enhet", "lade till en enhet", "lisäsi laitteen", "added a device"],
        "change_role" => {
            ["ändrade rättigheter", "ändrade rättigheter", "muutti oikeuksia", "changed somebody's rights"]
        }
        "remove" => ["tog bort någon", "tog bort någon", "poisti jonkun", "removed somebody"],
        "leave" => ["lämnade planen", "lämnade planen", "lähti suunnitelmasta", "left the plan"],
        "invite" => ["gjorde en inbjudan", "gjorde en inbjudan", "teki kutsun", "made an invitation"],
        "revoke_invite" => {
            ["drog in en inbjudan", "drog in en inbjudan", "perui kutsun", "took an invitation back"]
        }
        "epoch" => ["bytte nyckel", "bytte nyckel", "vaihtoi avaimen", "changed the key"],
        "key_share" => ["gav nyckeln vidare", "gav nyckeln vidare", "jakoi avaimen", "passed the key on"],
        "accept_late" => [
            "tog in sena ändringar",
            "tog in sena ändringar",
            "hyväksyi myöhästyneet muutokset",
            "took late changes in",
        ],
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const LANGUAGES: [Language; 4] = [Language::SvFi, Language::SvSe, Language::Fi, Language::En];

    #[test]
    fn every_kind_has_a_word_of_its_own_in_every_language() {
        for language in LANGUAGES {
            let words: std::collections::BTreeSet<&str> =
                Kind::ALL.iter().map(|kind| kind_word(*kind, language)).collect();
            assert_eq!(words.len(), Kind::ALL.len(), "{language:?}: {words:?}");
        }
    }

    #[test]
    fn a_deed_of_a_newer_version_has_no_word_and_its_name_is_shown() {
        assert_eq!(deed_word("promise", Language::SvFi), Some("lovade"));
        assert_eq!(deed_word("teleport", Language::SvFi), None);
    }
}
