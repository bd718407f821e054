//! The memo of a plan.

use samverka_plan::exchange::markdown::memo;
use samverka_plan::{Kind, Language};
use serde_json::json;

use crate::harness::{Network, TODAY, add, edit};

#[test]
fn the_samples_memo_says_what_was_agreed() {
    let mut network = Network::sample(&["p-01"]);
    let rules = json!({ "ground_rules": { "sv": "inga uppgifter om enskilda barn eller familjer." } });
    network.must(0, &edit(Kind::Meta, "self", &rules));
    let memo = memo(&network.people[0], Language::SvFi, TODAY);
    for line in [
        "# Promemoria: Ingen ensam i Lindsund, 20.1.2027",
        "Närvarande: 14 personer från 6 organisationer. Nästa uppföljning: 24.3.2027 kl. 13:00.",
        "Spelregel: inga uppgifter om enskilda barn eller familjer.",
        "Ensamhet (12), En dörr in (10), Tidigt stöd hemma (9), Att hålla det vi lovar (6), Övergångar (4), Tystnadsplikt och samtycke (1)",
        "| Nr | Vem | Vad | Med vem | Klart när | Senast | Läge |",
        "| c-01 | Klasslärare, Lindsunds skola | Kompisbord i matsalen tre dagar i veckan | Kurator | Borden har stått tisdag-torsdag i tre veckor och elevkåren har gett respons | 26.2.2027 | lovat |",
        "Avvikande åsikt d-2 (Socialarbetare): För tidigt för c-03",
        "Efterfrågat av utomstående: c-09, Föreningen Granngården.",
    ] {
        assert!(memo.lines().any(|other| other == line), "{line}\n{memo}");
    }
    assert!(!memo.contains("| c-09 |"));
}

#[test]
fn memos_come_in_every_language() {
    let network = Network::sample(&["p-01"]);
    let finnish = memo(&network.people[0], Language::Fi, TODAY);
    assert!(finnish.starts_with("# Muistio: Kukaan ei yksin Lindsundissa, 20.1.2027\n"));
    assert!(finnish.contains("## Sitoumukset\n| Nro | Kuka |"));
    let english = memo(&network.people[0], Language::En, TODAY);
    assert!(english.contains("Present: 14 people from 6 organisations. Next follow-up: 24.3.2027 at 13:00."));
}

#[test]
fn texts_do_not_break_the_table_or_become_marks() {
    let mut network = Network::sample(&["p-01"]);
    let title = json!({ "title": { "sv": "a | b\n# *c* <img src=x> [d](javascript:e)" } });
    network.must(0, &add(Kind::Commitment, "x", &title));
    let memo = memo(&network.people[0], Language::SvFi, TODAY);
    let row = memo.lines().find(|line| line.starts_with("| x |")).unwrap();
    assert!(row.contains(r"a \| b # \*c\* \<img src=x\> \[d\](javascript:e)"), "{row}");
    assert_eq!(row.replace(r"\|", "").matches('|').count(), 8);
}

#[test]
fn an_empty_plan_has_a_memo() {
    let network = Network::new(1);
    assert_eq!(memo(&network.people[0], Language::En, TODAY), "# Memo: \n");
}
