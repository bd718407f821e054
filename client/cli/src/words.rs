//! The command line's own words, in every language that it speaks. The domain's words (where a commitment stands) are
//! in the plan crate; errors are English, as everywhere below.

use samverka_plan::Language;

/// Makes the catalogue: a name, and what is said in Swedish, Finnish and English. None can be left out.
macro_rules! words {
    ($($(#[$doc:meta])* $name:ident => $sv:literal, $fi:literal, $en:literal;)*) => {
        /// Something that is said.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(crate) enum Word {
            $($(#[$doc])* $name,)*
        }

        impl Word {
            #[cfg(test)]
            const ALL: &[Self] = &[$(Self::$name,)*];

            /// What is said, with `{}` where something goes in.
            pub(crate) const fn say(self, language: Language) -> &'static str {
                match (self, language) {
                    $(
                        (Self::$name, Language::SvFi | Language::SvSe) => $sv,
                        (Self::$name, Language::Fi) => $fi,
                        (Self::$name, Language::En) => $en,
                    )*
                }
            }
        }
    };
}

words! {
    Id => "id", "tunnus", "id";
    Title => "rubrik", "otsikko", "title";
    Text => "text", "teksti", "text";
    Theme => "tema", "teema", "theme";
    State => "läge", "tila", "state";
    Author => "av", "kirjoittaja", "by";
    What => "vad", "mitä", "what";
    Owner => "ansvarig", "vastuuhenkilö", "owner";
    Due => "senast", "määräaika", "due";
    Moved => "flyttat", "siirretty", "moved";
    Name => "namn", "nimi", "name";
    Organisation => "aktör", "toimija", "organisation";
    RoleTitle => "roll", "rooli", "title";
    Rights => "rättigheter", "oikeudet", "rights";
    Goal => "mål", "tavoite", "goal";
    Level => "nivå", "taso", "level";
    Indicator => "mätare", "mittari", "indicator";
    Baseline => "utgångsläge", "lähtötaso", "baseline";
    Target => "målvärde", "tavoitearvo", "target";
    Latest => "senaste värde", "viimeisin arvo", "latest value";
    Decision => "beslut", "päätös", "decision";
    Rule => "regel", "sääntö", "rule";
    Relay => "relä", "välitin", "relay";
    Code => "kontrollkod", "tarkistuskoodi", "check code";
    Expires => "gäller till", "voimassa", "valid until";
    Used => "använd", "käytetty", "used";
    When => "när", "milloin", "when";
    Notes => "lappar", "laput", "notes";

    Overdue => "försenat", "myöhässä", "overdue";
    Parked => "parkering", "parkissa", "parked";
    Archived => "arkiverad", "arkistoitu", "archived";
    ArchivedAndEdited => "arkiverad och ändrad", "arkistoitu ja muokattu", "archived and edited";
    Me => "jag", "minä", "me";
    Unnamed => "utan namn", "nimetön", "without a name";
    Gone => "borttagen", "poistettu", "removed";
    Waiting => "väntar på att bli insläppt", "odottaa pääsyä", "waits to be let in";

    /// `{}` owner, `{}` what.
    Promises => "{} lovar: {}", "{} lupaa: {}", "{} promises: {}";
    /// `{}` what, `{}` the state's word.
    StandsAs => "{} ({})", "{} ({})", "{} ({})";
    DoneWhen => "klart när {}", "valmis kun {}", "done when {}";
    NextStep => "nästa steg: {}", "seuraava askel: {}", "next step: {}";
    Together => "tillsammans med {}", "yhdessä: {}", "together with {}";
    By => "senast {}", "viimeistään {}", "by {}";
    TurnOf => "nu är det {} tur", "vuorossa: {}", "it is the turn of {}";
    TimesMoved => "flyttat {} gånger, {} dagar i allt", "siirretty {} kertaa, yhteensä {} päivää", "moved {} times, {} days in all";
    ProposedDate => "{} föreslår {}", "{} ehdottaa: {}", "{} proposes {}";
    Similar => "liknar {}", "muistuttaa: {}", "looks like {}";
    StatedOnly => "uppgivet vid import, inte verifierat", "tuonnissa ilmoitettu, ei vahvistettu", "stated by an import, not verified";
    WithoutEffect => "utan verkan: {}", "ei vaikutusta: {}", "without effect: {}";
    NeedsTalk => "två händelser kan inte båda gälla: prata med varandra", "kaksi tapahtumaa ei voi olla voimassa yhtä aikaa: keskustelkaa", "two events cannot both hold: talk to each other";
    History => "Händelser", "Tapahtumat", "What happened";

    NoNotes => "Väggen är tom. Skriv en lapp: samverka note add \"…\"", "Seinä on tyhjä. Kirjoita lappu: samverka note add \"…\"", "The wall is empty. Write a note: samverka note add \"…\"";
    NoCommitments => "Inga åtaganden här. Skriv ett: samverka commitment add --what \"…\"", "Ei sitoumuksia. Kirjoita yksi: samverka commitment add --what \"…\"", "No commitments here. Write one: samverka commitment add --what \"…\"";
    NoGoals => "Inga mål än. Sätt ett: samverka goal add \"…\"", "Ei vielä tavoitteita. Aseta yksi: samverka goal add \"…\"", "No goals yet. Set one: samverka goal add \"…\"";
    NoPlans => "Ingen plan här än. Börja en: samverka plan new RUBRIK, eller kom med: samverka join LÄNK", "Ei vielä suunnitelmaa. Aloita: samverka plan new OTSIKKO, tai liity: samverka join LINKKI", "No plan here yet. Begin one: samverka plan new TITLE, or come in: samverka join LINK";
    NobodyKnocks => "Ingen står vid dörren. `samverka sync` ser efter", "Kukaan ei ole ovella. `samverka sync` tarkistaa", "Nobody is at the door. `samverka sync` looks";
    NoQuestions => "Inga frågor med två svar", "Ei kysymyksiä, joilla on kaksi vastausta", "No questions with two answers";
    TwoAnswers => "Två svar på samma fråga: {}", "Kaksi vastausta samaan kysymykseen: {}", "Two answers to the same question: {}";

    SavedHere => "sparat här", "tallennettu tähän laitteeseen", "saved here";
    OnlyHere => "{} ändringar finns bara här", "{} muutosta on vain tässä laitteessa", "{} changes are only here";
    NothingOnlyHere => "allt som skrivits här finns också hos ett relä", "kaikki täällä kirjoitettu on myös välittimellä", "everything written here is at a relay too";
    RelayHasAll => "har allt", "kaikki perillä", "has everything";
    RelayLacks => "saknar {}, varav {} härifrån", "puuttuu {}, joista {} täältä", "lacks {}, {} of them from here";
    RelayUnknown => "har inte nåtts än", "ei vielä tavoitettu", "not reached yet";
    LastContact => "kontakt {}", "yhteys {}", "contact {}";
    MemberHasAll => "har allt härifrån", "kaikki täältä on perillä", "has everything from here";
    MemberLacks => "saknar {} härifrån", "täältä puuttuu {}", "lacks {} from here";
    MemberUnknown => "har inte hört av sig än", "ei vielä tietoa", "not heard from yet";
    HeldBack => "{} ändringar väntar på beslut (gjorda innan en borttagning nådde fram)", "{} muutosta odottaa päätöstä (tehty ennen kuin poisto tuli perille)", "{} changes wait for a decision (made before a removal arrived)";
    NoKeyYet => "{} ändringar kan inte läsas än: nyckeln kommer med nästa sync", "{} muutosta ei voi vielä lukea: avain tulee seuraavassa synkronoinnissa", "{} changes cannot be read yet: the key comes with a sync";

    CarriesOn => "Sparat här. `samverka sync` för det vidare", "Tallennettu tähän. `samverka sync` vie sen eteenpäin", "Saved here. `samverka sync` carries it on";
    Queued => "Inget relä nåddes. Inget är förlorat: allt är sparat här och skickas vid nästa sync", "Yhtään välitintä ei tavoitettu. Mitään ei kadonnut: kaikki on tallessa ja lähtee seuraavassa synkronoinnissa", "No relay could be reached. Nothing is lost: everything is saved here and goes with the next sync";
    UpToDate => "Allt är framme", "Kaikki on perillä", "Everything is in step";
    Arrived => "{} ändringar kom", "{} muutosta saapui", "{} changes arrived";
    Reached => "{}: framme", "{}: perillä", "{}: in step";
    NotReached => "{}: nåddes inte ({})", "{}: ei tavoitettu ({})", "{}: not reached ({})";
    Watching => "Ansluten. Ctrl+C slutar", "Yhteys auki. Ctrl+C lopettaa", "Connected. Ctrl+C ends";
    Reconnecting => "{}: {}; försöker igen", "{}: {}; yritetään uudelleen", "{}: {}; trying again";
    KnockPosted => "Du står vid dörren. Kontrollkod: {}", "Olet ovella. Tarkistuskoodi: {}", "You are at the door. Check code: {}";
    StillWaiting => "Ingen har släppt in dig än. `samverka sync` ser efter igen", "Kukaan ei ole vielä päästänyt sisään. `samverka sync` tarkistaa uudelleen", "Nobody has let you in yet. `samverka sync` looks again";
    LetIn => "Du är inne: {}", "Olet sisällä: {}", "You are in: {}";
    SaidNo => "Du släpptes inte in", "Sinua ei päästetty sisään", "You were not let in";
    Knocks => "{} vid dörren, kontrollkod {}: samverka admit {}", "{} ovella, tarkistuskoodi {}: samverka admit {}", "{} is at the door, check code {}: samverka admit {}";
    Hint => "obs: {}", "huom: {}", "note: {}";
    SoundLog => "Allt stämmer: {} poster, {} dokument", "Kaikki kunnossa: {} merkintää, {} asiakirjaa", "All is sound: {} entries, {} documents";
}

/// Puts things in the places of a template, in order.
pub(crate) fn fill(word: Word, language: Language, things: &[&str]) -> String {
    let mut pieces = word.say(language).split("{}");
    let mut text = pieces.next().unwrap_or_default().to_owned();
    let mut things = things.iter();
    for piece in pieces {
        text.push_str(things.next().copied().unwrap_or_default());
        text.push_str(piece);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::{Word, fill};
    use samverka_plan::Language;

    #[test]
    fn every_sentence_has_the_same_places_in_every_language() {
        for word in Word::ALL {
            let places = |language| word.say(language).matches("{}").count();
            let own = places(Language::SvFi);
            assert_eq!((places(Language::Fi), places(Language::En)), (own, own), "{word:?}");
            assert!(!word.say(Language::Fi).is_empty() && !word.say(Language::En).is_empty(), "{word:?}");
        }
    }

    #[test]
    fn things_go_in_their_places_in_order() {
        assert_eq!(fill(Word::RelayLacks, Language::En, &["3", "1"]), "lacks 3, 1 of them from here");
        assert_eq!(fill(Word::DoneWhen, Language::SvFi, &["borden står"]), "klart när borden står");
    }
}
