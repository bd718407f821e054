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
    Name => "namn", "nimi", "name";
    Organisation => "aktör", "toimija", "organisation";
    RoleTitle => "roll", "rooli", "title";
    Rights => "rättigheter", "oikeudet", "rights";
    Goal => "mål", "tavoite", "goal";
    Indicator => "mätare", "mittari", "indicator";
    Latest => "senaste värde", "viimeisin arvo", "latest value";
    Decision => "beslut", "päätös", "decision";
    Relay => "relä", "välitin", "relay";
    Code => "kontrollkod", "tarkistuskoodi", "check code";
    Expires => "gäller till", "voimassa", "valid until";
    Used => "använd", "käytetty", "used";
    When => "när", "milloin", "when";
    NotesHead => "lappar", "lappuja", "notes";
    Member => "medlem", "jäsen", "member";
    Devices => "enheter", "laitteita", "devices";
    Heard => "hördes av", "viimeksi", "last heard";
    Dots => "prickar", "pisteet", "dots";

    Organisations => "{} {aktör|aktörer}", "{} {toimija|toimijaa}", "{} {organisation|organisations}";
    Participants => "{} deltagare", "{} {osallistuja|osallistujaa}", "{} {participant|participants}";
    Notes => "{} {lapp|lappar}", "{} {lappu|lappua}", "{} {note|notes}";
    Goals => "{} mål", "{} {tavoite|tavoitetta}", "{} {goal|goals}";
    Commitments => "{} {åtagande|åtaganden}", "{} {sitoumus|sitoumusta}", "{} {commitment|commitments}";
    NextReview => "nästa uppföljning {}", "seuraava seuranta {}", "next follow-up {}";
    QuestionsWait => "{} {fråga|frågor} har två svar: samverka settle", "{} kysymyksellä on kaksi vastausta: samverka settle", "{} {question has|questions have} two answers: samverka settle";

    Overdue => "försenat", "myöhässä", "overdue";
    Parked => "parkering", "parkissa", "parked";
    Archived => "arkiverad", "arkistoitu", "archived";
    ArchivedAndEdited => "arkiverad och ändrad", "arkistoitu ja muokattu", "archived and edited";
    Gone => "borttagen", "poistettu", "removed";

    /// `{}` owner, `{}` what.
    Promises => "{} lovar: {}", "{} lupaa: {}", "{} promises: {}";
    DoneWhen => "klart när {}", "valmis kun {}", "done when {}";
    NextStep => "nästa steg: {}", "seuraava askel: {}", "next step: {}";
    Together => "tillsammans med {}", "yhdessä: {}", "together with {}";
    By => "senast {}", "viimeistään {}", "by {}";
    TurnOf => "i tur: {}", "vuorossa: {}", "it is the turn of {}";
    TimesMoved => "flyttat {} {gång|gånger}, {} {dag|dagar} i allt", "siirretty {} {kerran|kertaa}, yhteensä {} {päivä|päivää}", "moved {} {time|times}, {} {day|days} in all";
    ProposedDate => "{} föreslår {}", "{} ehdottaa: {}", "{} proposes {}";
    Offered => "annat förslag: {}", "vastaehdotus: {}", "offered instead: {}";
    Agreed => "{} har kommit överens om planen som den är", "{} on hyväksynyt suunnitelman tällaisenaan", "{} agree to the plan as it stands";
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

    OnlyHere => "{} {ändring|ändringar} finns bara här", "{} {muutos|muutosta} on vain tässä laitteessa", "{} {change is|changes are} only here";
    NothingOnlyHere => "allt som skrivits här finns också hos ett relä", "kaikki täällä kirjoitettu on myös välittimellä", "everything written here is at a relay too";
    RelayHasAll => "har allt", "kaikki perillä", "has everything";
    RelayLacks => "saknar {}, varav {} härifrån", "puuttuu {}, joista {} täältä", "lacks {}, {} of them from here";
    RelayUnknown => "har inte nåtts än", "ei vielä tavoitettu", "not reached yet";
    MemberHasAll => "har allt härifrån", "kaikki täältä on perillä", "has everything from here";
    MemberLacks => "saknar {} härifrån", "täältä puuttuu {}", "lacks {} from here";
    MemberUnknown => "har inte hört av sig än", "ei vielä tietoa", "not heard from yet";
    HeldBack => "{} {ändring|ändringar} väntar på beslut (från tiden innan en borttagning nådde fram)", "{} {muutos|muutosta} odottaa päätöstä (tehty ennen kuin poisto tuli perille)", "{} {change waits|changes wait} for a decision (made before a removal arrived)";
    NoKeyYet => "{} {ändring|ändringar} kan inte läsas än: nyckeln kommer med nästa sync", "{} {muutosta|muutosta} ei voi vielä lukea: avain tulee seuraavassa synkronoinnissa", "{} {change|changes} cannot be read yet: the key comes with a sync";

    CarriesOn => "Sparat här. `samverka sync` för det vidare", "Tallennettu tähän. `samverka sync` vie sen eteenpäin", "Saved here. `samverka sync` carries it on";
    Queued => "Inget relä nåddes. Inget är förlorat: allt är sparat här och skickas vid nästa sync", "Yhtään välitintä ei tavoitettu. Mitään ei kadonnut: kaikki on tallessa ja lähtee seuraavassa synkronoinnissa", "No relay could be reached. Nothing is lost: everything is saved here and goes with the next sync";
    UpToDate => "Allt är framme", "Kaikki on perillä", "Everything is in step";
    Arrived => "{} {ändring|ändringar} kom", "{} {muutos|muutosta} saapui", "{} {change|changes} arrived";
    Reached => "{}: framme", "{}: perillä", "{}: in step";
    NotReached => "{}: nåddes inte ({})", "{}: ei tavoitettu ({})", "{}: not reached ({})";
    Fetched => "hämtat {} kB", "haettu {} kB", "{} kB fetched";
    Watching => "Ansluten. Ctrl+C slutar", "Yhteys auki. Ctrl+C lopettaa", "Connected. Ctrl+C ends";
    Reconnecting => "{}: {}; försöker igen", "{}: {}; yritetään uudelleen", "{}: {}; trying again";
    StillWaiting => "Ingen har släppt in dig än. `samverka sync` ser efter igen", "Kukaan ei ole vielä päästänyt sisään. `samverka sync` tarkistaa uudelleen", "Nobody has let you in yet. `samverka sync` looks again";
    PlanIsHere => "Planen är här. Det som stod i den förut hämtas till historiken", "Suunnitelma on täällä. Aiemmat vaiheet haetaan historiaan", "The plan is here. What it said before is fetched for the history";
    LetIn => "Du är inne: {}", "Olet sisällä: {}", "You are in: {}";
    SaidNo => "Du släpptes inte in", "Sinua ei päästetty sisään", "You were not let in";
    Knocks => "{} vid dörren, kontrollkod {}: samverka admit {}", "{} ovella, tarkistuskoodi {}: samverka admit {}", "{} is at the door, check code {}: samverka admit {}";
    SetUp => "Klart: {}, {}", "Valmis: {}, {}", "Set up: {}, {}";
    ProtectHome => "Nycklarna ligger i {}: skydda mappen, och låna inte ut den", "Avaimet ovat kansiossa {}: suojaa se äläkä anna sitä muille", "The keys are in {}: protect the folder, and lend it to nobody";
    PlanBegun => "{} är påbörjad: {}", "{} on aloitettu: {}", "{} is begun: {}";
    FileTakenIn => "Filen är inläst", "Tiedosto on luettu", "The file is taken in";
    NoRelay => "Planen finns bara på den här enheten: den har inget relä. Lägg till ett: samverka plan relay add URL", "Suunnitelma on vain tässä laitteessa: sillä ei ole välitintä. Lisää yksi: samverka plan relay add URL", "The plan is on this device only: it has no relay. Add one: samverka plan relay add URL";
    InviteNext => "Nästa steg: samverka sync, och sedan samverka invite för en länk som släpper in andra", "Seuraavaksi: samverka sync ja sitten samverka invite, joka antaa kutsulinkin", "Next: samverka sync, and then samverka invite for a link that lets others in";
    NotInYet => "(inte inne än)", "(ei vielä sisällä)", "(not in yet)";
    LinkMade => "Länken släpper in {} som {}, till {}", "Linkki päästää sisään {} roolissa {}, {} asti", "The link lets in {} as {}, until {}";
    LinkRevoked => "Länken gäller inte längre", "Linkki ei ole enää voimassa", "The link holds no longer";
    Knocking => "Knackar på. Båda skärmarna visar {}: jämför med den som släpper in dig", "Koputetaan. Molemmilla näytöillä on {}: vertaa sitä sisään päästävän kanssa", "Knocking. Both screens show {}: compare it with whoever lets you in";
    KnockExpired => "Inbjudan gäller inte längre: be om en ny länk", "Kutsu ei ole enää voimassa: pyydä uusi linkki", "The invitation holds no longer: ask for a new link";
    KnockKept => "Inget relä nåddes. Knackningen är sparad: `samverka sync` skickar den", "Yhtään välitintä ei tavoitettu. Koputus on tallessa: `samverka sync` lähettää sen", "No relay could be reached. The knock is kept: `samverka sync` posts it";
    Admitted => "{} {insläppt|insläppta}", "{} päästetty sisään", "{} let in";
    Turned => "{} släpptes inte in", "{} jätettiin ulos", "{} turned away";
    DoorOpen => "Dörren är öppen till {}, så länge `samverka sync --watch` går här", "Ovi on auki {} asti, kun `samverka sync --watch` on käynnissä täällä", "The door is open until {}, while `samverka sync --watch` runs here";
    DoorClosed => "Dörren är stängd", "Ovi on kiinni", "The door is closed";
    RoleChanged => "Rättigheterna är ändrade", "Oikeudet on muutettu", "The rights are changed";
    DeviceOut => "Enheten är borttagen och nyckeln bytt. Det som den har läst har den kvar", "Laite on poistettu ja avain vaihdettu. Sen jo lukemat tiedot säilyvät sillä", "The device is out and the key has changed. What it has read it keeps";
    MemberOut => "Medlemmen är borttagen och nyckeln bytt. Det som hen har läst har hen kvar", "Jäsen on poistettu ja avain vaihdettu. Hänen jo lukemansa tiedot säilyvät hänellä", "The member is out and the key has changed. What they have read they keep";
    TakenIn => "Det som väntade är med nu", "Odottaneet muutokset on otettu mukaan", "What was held back is taken in";
    Left => "Du har lämnat planen. Det som finns här kan du läsa", "Olet poistunut suunnitelmasta. Täällä olevan voit yhä lukea", "You have left the plan. What is here stays here to read";
    ThisDevice => "den här enheten", "tämä laite", "this device";
    Settled => "Avgjort", "Ratkaistu", "Settled";
    NothingNew => "Inget nytt", "Ei uutta", "Nothing new";
    AndMore => "  … och {} till", "  … ja {} muuta", "  … and {} more";
    AsOf => "enligt besked {}", "tieto {}", "as of {}";
    WaitForOthers => "{} {ändring|ändringar} väntar på något som saknas här", "{} muutosta odottaa jotain, johon ne perustuvat", "{} changes wait for something that they build on";
    MembersChanged => "Vem som är med har ändrats", "Jäsenet ovat muuttuneet", "Who is in has changed";
    Checked => "{} {post kontrollerad|poster kontrollerade}, {} {öppnad|öppnade}", "{} merkintää tarkistettu, {} avattu", "{} entries checked, {} opened";
    AllSound => "Allt stämmer", "Kaikki on kunnossa", "Everything holds";
    Hint => "obs: {}", "huom: {}", "note: {}";
}

/// Puts things in the places of a template, in order. `{one|many}` is said by the number that was put in last.
pub(crate) fn fill(word: Word, language: Language, things: &[&str]) -> String {
    let mut things = things.iter().copied();
    let mut last = "";
    let mut text = String::new();
    let mut rest = word.say(language);
    while let Some((before, after)) = rest.split_once('{') {
        text.push_str(before);
        let Some((place, after)) = after.split_once('}') else { break };
        match place.split_once('|') {
            None => {
                last = things.next().unwrap_or_default();
                text.push_str(last);
            }
            Some((one, many)) => text.push_str(if last == "1" { one } else { many }),
        }
        rest = after;
    }
    text.push_str(rest);
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
        assert_eq!(fill(Word::DoneWhen, Language::SvFi, &["{}|{"]), "klart när {}|{");
    }

    #[test]
    fn one_is_not_said_as_many() {
        assert_eq!(fill(Word::Notes, Language::SvFi, &["1"]), "1 lapp");
        assert_eq!(fill(Word::Notes, Language::Fi, &["21"]), "21 lappua");
        assert_eq!(fill(Word::TimesMoved, Language::En, &["1", "14"]), "moved 1 time, 14 days in all");
    }

    #[test]
    fn every_place_is_closed() {
        for word in Word::ALL {
            for language in [Language::SvFi, Language::Fi, Language::En] {
                let text = word.say(language);
                assert_eq!(text.matches('{').count(), text.matches('}').count(), "{word:?}");
            }
        }
    }
}
