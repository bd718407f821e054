use proptest::prelude::*;
use samverka_log::{DeviceId, SpaceId, verify_strict};
use samverka_seal::limits::{ADMISSION_KEYS_MAX, LINK_RELAYS_MAX, PROFILE_TEXT_BYTES_MAX};
use samverka_seal::{
    AdmissionKey, CheckCode, DeviceKeys, InviteLink, InviteSecret, KnockContext, LinkError, ParticipantId,
    Profile, ProfileError, RelayUrl, RelayUrlError,
};

use crate::common::{SPACE, rng};

#[test]
fn a_link_says_what_was_put_in() {
    let link = link();

    let url = link.to_url().expect("it is within the limits");

    assert!(url.starts_with("https://relay.example/#/join/"), "{}", url.as_str());
    assert_eq!(InviteLink::parse(&url), Ok(link));
}

#[test]
fn a_link_to_a_plain_relay_keeps_its_port() {
    let link = InviteLink { relays: vec![relay("http://192.168.1.4:8080/")], ..link() };

    let url = link.to_url().expect("it is within the limits");

    assert!(url.starts_with("http://192.168.1.4:8080/#/join/"));
    assert_eq!(InviteLink::parse(&url), Ok(link));
}

#[test]
fn a_link_is_found_in_what_people_paste() {
    let link = link();
    let url = link.to_url().expect("it is within the limits");
    let (first, second) = url.split_at(url.len() / 2);
    let pasted = [
        format!("  {}\n", url.as_str()),
        format!("<{}>", url.as_str()),
        format!("Welcome! Join here: {}. See you on Monday", url.as_str()),
        format!("({}),", url.as_str()),
        format!("\"{}\"!", url.as_str()),
        format!("{first}\r\n  {second}"),
        format!("{first}\u{200b}{second}"),
        url.replace('#', "%23"),
        format!("{}?utm_source=mail", url.as_str()),
    ];
    for text in pasted {
        assert_eq!(InviteLink::parse(&text), Ok(link.clone()), "{text}");
    }
}

#[test]
fn a_link_cut_at_any_place_says_that_it_is_cut_off() {
    let url = link().to_url().expect("it is within the limits");
    let token_at = url.find("/join/").expect("it is a link") + "/join/".len();
    for end in token_at..url.len() {
        let parsed = InviteLink::parse(&url[..end]);
        assert!(matches!(parsed, Err(LinkError::CutOff { .. })), "{parsed:?}");
    }
    let message = InviteLink::parse(&url[..url.len() - 1]).expect_err("it is cut off").to_string();
    assert!(message.starts_with("the link is cut off"), "{message}");
}

#[test]
fn a_link_with_a_changed_character_is_damaged() {
    let url = link().to_url().expect("it is within the limits");
    let token_at = url.find("/join/").expect("it is a link") + "/join/".len();
    for at in token_at + 4..url.len() {
        let old = url.as_bytes()[at];
        let new = if old == b'A' { "B" } else { "A" };
        let changed = format!("{}{new}{}", &url[..at], &url[at + 1..]);
        assert_eq!(InviteLink::parse(&changed), Err(LinkError::Damaged), "character {at}");
    }
}

#[test]
fn what_is_no_link_is_called_so() {
    assert_eq!(InviteLink::parse("https://relay.example/"), Err(LinkError::NotALink));
    assert_eq!(InviteLink::parse(""), Err(LinkError::NotALink));
    assert!(matches!(InviteLink::parse("https://relay.example/#/join/"), Err(LinkError::CutOff { .. })));
    assert_eq!(InviteLink::parse("x/#/join/AgAA"), Err(LinkError::Version(2)));
}

#[test]
fn a_link_has_limits() {
    let many = |count: usize| InviteLink { relays: vec![relay("https://relay.example"); count], ..link() };
    let admins = |count: usize| InviteLink { admission: vec![admission(1); count], ..link() };

    assert!(many(LINK_RELAYS_MAX).to_url().is_ok());
    assert!(matches!(many(LINK_RELAYS_MAX + 1).to_url(), Err(LinkError::Malformed(_))));
    assert!(matches!(many(0).to_url(), Err(LinkError::Malformed(_))));
    assert!(admins(ADMISSION_KEYS_MAX).to_url().is_ok());
    assert!(matches!(admins(ADMISSION_KEYS_MAX + 1).to_url(), Err(LinkError::Malformed(_))));
    assert!(matches!(admins(0).to_url(), Err(LinkError::Malformed(_))));
}

#[test]
fn a_link_with_two_admins_fits_a_mail_line_count_and_a_code() {
    let link = InviteLink { admission: vec![admission(1), admission(2)], ..link() };

    let url = link.to_url().expect("it is within the limits");

    assert!(url.len() < 400, "{} characters", url.len());
}

#[test]
fn an_invitations_key_belongs_to_one_space() {
    let secret = InviteSecret::make(&mut rng(1));
    let signer = secret.derive_signer(SPACE);

    let signature = signer.sign(b"knock");

    assert_eq!(verify_strict(DeviceId::from_bytes(*signer.key().as_bytes()), b"knock", signature), Ok(()));
    assert_eq!(secret.derive_signer(SPACE).key(), signer.key());
    assert_ne!(secret.derive_signer(SpaceId::from_bytes([9; 32])).key(), signer.key());
    assert_eq!(InviteSecret::from_secret_bytes(&secret.to_secret_bytes()), secret);
}

#[test]
fn neither_secret_nor_signer_print_themselves() {
    let link = link();

    let printed = format!("{link:?} {:?}", link.secret.derive_signer(SPACE));

    assert!(
        printed.contains("InviteSecret(***)") && printed.contains("InviteSigner(SigningSecret(***))"),
        "{printed}"
    );
}

#[test]
fn check_codes_tell_two_knocks_apart() {
    let (context, other) = (context(1), context(2));
    let code = |context: &KnockContext, share_key| {
        CheckCode::derive(context.space, context.invite, context.device, share_key).to_string()
    };

    let shown = code(&context, context.share_key);

    assert_eq!(shown.len(), 15);
    assert!(
        shown.split(' ').all(|group| group.len() == 3 && group.bytes().all(|digit| digit.is_ascii_digit()))
    );
    assert_eq!(shown, code(&context, context.share_key));
    assert_ne!(shown, code(&other, other.share_key));
    assert_ne!(shown, code(&context, other.share_key));
}

#[test]
fn every_named_admin_opens_a_profile_and_nobody_else() {
    let mut rng = rng(1);
    let admins = [DeviceKeys::make(&mut rng), DeviceKeys::make(&mut rng)];
    let stranger = DeviceKeys::make(&mut rng);
    let keys: Vec<_> = admins
        .iter()
        .map(|keys| AdmissionKey { device: keys.device(), share_key: keys.share_key() })
        .collect();
    let sealed = profile().seal(&context(1), &keys, &mut rng).expect("it is within the limits");

    for admin in &admins {
        assert_eq!(Profile::open(&sealed, &context(1), admin), Ok(profile()));
        assert_eq!(Profile::open(&sealed, &context(2), admin), Err(ProfileError::NotAuthentic));
    }
    assert_eq!(Profile::open(&sealed, &context(1), &stranger), Err(ProfileError::NotARecipient));
}

#[test]
fn a_profile_does_not_tell_its_length() {
    let mut rng = rng(1);
    let mut len = |name: &str| {
        let profile = Profile { name: name.to_owned(), ..Profile::default() };
        profile.seal(&context(1), &[admission(1)], &mut rng).expect("it is within the limits").len()
    };

    assert_eq!(len("A"), len(&"A".repeat(200)));
}

#[test]
fn profiles_cannot_forge_what_an_admin_sees() {
    let seal = |name: &str| {
        let profile = Profile { name: name.to_owned(), ..Profile::default() };
        profile.seal(&context(1), &[admission(1)], &mut rng(1))
    };

    for forged in ["Teacher\u{1b}[2K", "Head\nteacher", "abc\u{202e}def", "\u{2066}x"] {
        assert_eq!(seal(forged), Err(ProfileError::ControlCharacters("the name")), "{forged:?}");
    }
    assert!(seal("Förskollärare Åsa-Märta").is_ok());
    let too_long = seal(&"x".repeat(PROFILE_TEXT_BYTES_MAX + 1));
    assert_eq!(too_long, Err(ProfileError::TooLong { field: "the name", len: PROFILE_TEXT_BYTES_MAX + 1 }));
}

#[test]
fn a_profile_is_sealed_to_somebody_and_not_to_a_low_order_key() {
    let low = AdmissionKey { device: DeviceId::from_bytes([1; 32]), share_key: samverka_log::ShareKey::ZERO };

    let to_nobody = profile().seal(&context(1), &[], &mut rng(1));
    let to_all = profile().seal(&context(1), &[low], &mut rng(1));

    assert_eq!(to_nobody, Err(ProfileError::Recipients(0)));
    assert_eq!(to_all, Err(ProfileError::LowOrderShareKey(low.device)));
}

#[test]
fn addresses_of_relays_are_checked() {
    assert_eq!(relay("HTTPS://Relay.Example:443/samverka/").as_str(), "https://relay.example:443/samverka");
    assert_eq!(relay("https://relay.example:443/samverka").host(), "relay.example:443");
    assert!(relay("https://relay.example").is_tls() && !relay("http://[::1]:80").is_tls());
    let error = |text: &str| text.parse::<RelayUrl>().expect_err("it is no address");
    assert_eq!(error("relay.example"), RelayUrlError::Scheme);
    assert_eq!(error("ftp://relay.example"), RelayUrlError::Scheme);
    assert_eq!(error("https:///"), RelayUrlError::Host);
    assert_eq!(error("https://user@relay.example"), RelayUrlError::Character('@'));
    assert_eq!(error("https://relay.example/#x"), RelayUrlError::Character('#'));
    assert!(matches!(error(&format!("https://{}", "x".repeat(200))), RelayUrlError::TooLong(_)));
}

proptest! {
    #[test]
    fn no_text_makes_the_parser_panic(text in ".{0,200}") {
        let _ = InviteLink::parse(&text);
        let _ = InviteLink::parse(&format!("https://x/#/join/{text}"));
    }

    #[test]
    fn no_token_makes_the_parser_panic(token in "[A-Za-z0-9_-]{0,400}") {
        let url = format!("https://x/#/join/AQ{token}");
        prop_assert!(InviteLink::parse(&url).is_err());
    }

    #[test]
    fn no_bytes_make_the_profile_parser_panic(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        let keys = DeviceKeys::make(&mut rng(1));
        prop_assert!(Profile::open(&bytes, &context(1), &keys).is_err());
    }
}

fn link() -> InviteLink {
    InviteLink {
        space: SPACE,
        relays: vec![relay("https://relay.example"), relay("http://10.0.0.2:8080")],
        admission: vec![admission(1)],
        secret: InviteSecret::make(&mut rng(5)),
        participant: Some(ParticipantId([6; 16])),
    }
}

fn relay(text: &str) -> RelayUrl {
    text.parse().expect("it is an address")
}

fn admission(seed: u64) -> AdmissionKey {
    let keys = DeviceKeys::make(&mut rng(seed));
    AdmissionKey { device: keys.device(), share_key: keys.share_key() }
}

fn context(seed: u64) -> KnockContext {
    let keys = DeviceKeys::make(&mut rng(seed));
    let invite = InviteSecret::make(&mut rng(5)).derive_signer(SPACE).key();
    KnockContext { space: SPACE, invite, device: keys.device(), share_key: keys.share_key() }
}

fn profile() -> Profile {
    Profile {
        name: "The newcomer".to_owned(),
        organisation: "A school".to_owned(),
        role_title: "Rektor".to_owned(),
        language: "sv-FI".to_owned(),
        participant: Some(ParticipantId([6; 16])),
    }
}
