//! Tables out and in.

use rand::SeedableRng;
use rand::rngs::StdRng;
use samverka_plan::exchange::csv::{CsvError, What, export, import};
use samverka_plan::{Command, EntityRef, Kind, Language, State};
use serde_json::json;

use crate::harness::{Network, START_MS, TODAY, add, edit};

const SAMPLE_CSV: &str = include_str!("../data/sample-commitments.csv");

fn read(network: &Network, what: What, table: &str) -> Result<Vec<Command>, CsvError> {
    import(&network.people[0], what, table.as_bytes(), None, START_MS, &mut StdRng::seed_from_u64(1))
}

fn take_in(network: &mut Network, what: What, table: &str) {
    for command in read(network, what, table).unwrap() {
        network.must(0, &command);
    }
}

#[test]
fn commitments_come_out_exactly_like_the_sample() {
    let network = Network::sample(&["p-01"]);
    assert_eq!(export(&network.people[0], What::Commitments, Language::SvFi, TODAY), SAMPLE_CSV);
}

#[test]
fn headers_and_words_follow_the_language() {
    let network = Network::sample(&["p-01"]);
    let finnish = export(&network.people[0], What::Commitments, Language::Fi, TODAY);
    assert!(finnish.starts_with("\u{feff}id;sitoumus;vastuuhenkilö;organisaatio;"));
    assert!(finnish.contains("Kolme iltakahvilaa pohjoiskylien perheille"));
    assert!(finnish.contains(";verkosto;") && finnish.contains(";luvattu\r\n"));
    let english = export(&network.people[0], What::Ties, Language::En, TODAY);
    let mut lines = english.trim_start_matches('\u{feff}').lines();
    assert_eq!(lines.next(), Some("from;to;kind;now;wanted;said by;date"));
    assert_eq!(
        lines.next(),
        Some("Child health clinic;Tallkotten daycare;hands_over;1;3;Tallkotten daycare;2027-01-20")
    );
}

#[test]
fn cells_that_begin_like_formulas_are_guarded_and_come_back_as_they_were() {
    let texts = [
        "=HYPERLINK(\"x\")",
        "+358 1",
        "-1+2",
        "@SUM(A1)",
        "\t=1",
        "två\r\nrader; \"citat\"",
        " =1",
        "'a",
        "'=1",
    ];
    let mut network = Network::sample(&["p-01"]);
    for (number, text) in texts.iter().enumerate() {
        network.must(0, &add(Kind::Note, &format!("t-{number}"), &json!({ "text": { "sv": text } })));
    }
    let table = export(&network.people[0], What::Notes, Language::SvFi, TODAY);
    assert!(table.contains(";'+358 1;") && table.contains(";\"'=HYPERLINK(\"\"x\"\")\";"));
    for line in table.lines() {
        for cell in line.split(';') {
            assert!(!cell.trim_matches('"').starts_with(['=', '+', '-', '@', '\t']), "{line}");
        }
    }
    let mut other = Network::sample(&["p-01"]);
    take_in(&mut other, What::Notes, &table);
    for (number, text) in texts.iter().enumerate() {
        let entity = EntityRef::new(Kind::Note, format!("t-{number}"));
        assert_eq!(other.people[0].text(&entity, "text", "sv").trim(), text.trim(), "{number}");
    }
}

#[test]
fn values_of_groups_that_are_too_small_are_left_empty() {
    let mut network = Network::sample(&["p-01"]);
    let values = json!({ "values": {
        "a": { "date": "2027-05-31", "value": -12.5, "n": 40 },
        "b": { "date": "2027-06-30", "value": 50, "n": 4 },
    } });
    network.must(0, &edit(Kind::Indicator, "i-1", &values));
    let table = export(&network.people[0], What::IndicatorValues, Language::SvFi, TODAY);
    assert!(table.contains(";2027-05-31;-12.5;%;") && table.contains(";2027-06-30;;%;"), "{table}");
}

#[test]
fn commitments_that_are_read_stand_where_the_table_says_as_stated() {
    let mut network = Network::sample(&["p-01"]);
    let table = SAMPLE_CSV.replace("c-0", "d-0");
    take_in(&mut network, What::Commitments, &table);
    let again = export(&network.people[0], What::Commitments, Language::SvFi, TODAY);
    let rows = |id: &str, table: &str| {
        table.lines().filter(|line| line.starts_with(id)).map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(rows("d-0", &again), rows("d-0", &table));
    let view = network.commitment(0, "d-02");
    assert_eq!((view.state, view.stated), (State::Accepted, true));
    assert_eq!(read(&network, What::Commitments, &table).unwrap(), []);
}

#[test]
fn notes_of_another_board_are_read_by_their_text_column() {
    let mut network = Network::sample(&["p-01"]);
    let before = network.people[0].notes(None, Language::SvFi).len();
    take_in(
        &mut network,
        What::Notes,
        "Id,Content,Cluster\n1,\"Ett, två\",En dörr in\n2,Tre,Nytt\n3,,\n4,Fyra,Nytt\n",
    );
    let notes = network.people[0].notes(None, Language::SvFi);
    assert_eq!(notes.len(), before + 3);
    let note = |text: &str| notes.iter().find(|note| note.text == text).unwrap();
    assert_eq!(note("Ett, två").cluster.as_deref(), Some("cl-2"));
    assert!(note("Tre").cluster.is_some() && note("Tre").cluster == note("Fyra").cluster);
}

#[test]
fn tables_that_do_not_read_are_refused_with_a_reason() {
    let network = Network::sample(&["p-01"]);
    assert_eq!(read(&network, What::Notes, "a;b\n1;2\n"), Err(CsvError::NoColumn("text".to_owned())));
    assert_eq!(read(&network, What::Notes, "text\nett\n\"två"), Err(CsvError::OpenQuote { row: 3 }));
    assert_eq!(read(&network, What::Ties, ""), Err(CsvError::NotRead));
    let latin = b"text\nf\xf6r\n";
    let refused =
        import(&network.people[0], What::Notes, latin, None, START_MS, &mut StdRng::seed_from_u64(1));
    assert_eq!(refused, Err(CsvError::Encoding));
}
