//! Which kinds of things a plan holds, their fields, and how each field merges (domain model, section 3).
//!
//! An entity is one flat map in its document: few objects, and no container that two devices could create apart and
//! then lose one of. A key says what it holds:
//!
//! | key | holds | merges |
//! | --- | --- | --- |
//! | `field` | JSON in a string | latest wins (R-) |
//! | `field#proposal` | JSON in a string | every proposal is kept until it is settled (R) |
//! | `field/id` | JSON in a string | added and removed by id (S, M) |
//! | `field.language` | a Text object | by character (T) |
//!
//! Keys that this version does not know are kept and exported as they are.

use samverka_log::DeviceId;

/// How a field merges.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FieldKind {
    /// Text for each language, merged by character.
    Text,
    /// A single value: answers given apart are both kept until somebody entitled settles.
    Single,
    /// A single value: the latest wins.
    Plain,
    /// A set of ids or a map of values by id.
    Members,
}

/// A kind of thing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// The plan itself, or a board itself; its id is `self`.
    Meta,
    /// An organisation.
    Organisation,
    /// A participant: a role in the network, with or without a member behind it.
    Participant,
    /// A meeting.
    Meeting,
    /// A shared goal.
    Goal,
    /// An indicator.
    Indicator,
    /// A commitment.
    Commitment,
    /// A decision.
    Decision,
    /// A follow-up.
    FollowUp,
    /// A declared tie between organisations.
    Tie,
    /// A board, as the plan lists it; its id is its document.
    Board,
    /// A relay; its id is its address.
    Relay,
    /// A note on a board.
    Note,
    /// A cluster of notes.
    Cluster,
    /// A stage of a workshop.
    Stage,
    /// A vote.
    Vote,
}

use FieldKind::{Members, Plain, Single, Text};

impl Kind {
    /// All kinds, in the order in which the shipped first change creates their containers. It is the first change of
    /// every plan there is: another kind needs a second shipped change beside it, never a longer list here.
    pub const ALL: [Self; 16] = [
        Self::Meta,
        Self::Organisation,
        Self::Participant,
        Self::Meeting,
        Self::Goal,
        Self::Indicator,
        Self::Commitment,
        Self::Decision,
        Self::FollowUp,
        Self::Tie,
        Self::Board,
        Self::Relay,
        Self::Note,
        Self::Cluster,
        Self::Stage,
        Self::Vote,
    ];

    /// The name of its container, and of its list in exports.
    pub const fn container(self) -> &'static str {
        match self {
            Self::Meta => "meta",
            Self::Organisation => "organisations",
            Self::Participant => "participants",
            Self::Meeting => "meetings",
            Self::Goal => "goals",
            Self::Indicator => "indicators",
            Self::Commitment => "commitments",
            Self::Decision => "decisions",
            Self::FollowUp => "follow_ups",
            Self::Tie => "ties",
            Self::Board => "boards",
            Self::Relay => "relays",
            Self::Note => "notes",
            Self::Cluster => "clusters",
            Self::Stage => "stages",
            Self::Vote => "votes",
        }
    }

    /// Whether it lives on a board rather than in the plan.
    pub const fn on_board(self) -> bool {
        matches!(self, Self::Note | Self::Cluster | Self::Stage | Self::Vote)
    }

    /// Its fields. A field that is not listed is [`FieldKind::Plain`].
    pub const fn fields(self) -> &'static [(&'static str, FieldKind)] {
        match self {
            Self::Meta => &[
                ("title", Text),
                ("purpose", Text),
                ("area", Text),
                ("target_group", Text),
                ("ground_rules", Text),
                ("plan_type", Single),
                ("period", Single),
                ("next_review", Single),
                ("steward", Single),
                ("retention", Single),
                ("classification", Single),
            ],
            Self::Organisation => &[("name", Text)],
            Self::Participant => {
                &[("role_title", Text), ("mandate_note", Text), ("org", Single), ("network_role", Single)]
            }
            Self::Meeting => &[
                ("memo", Text),
                ("kind", Single),
                ("start", Single),
                ("end", Single),
                ("place", Single),
                ("present", Members),
                ("absent", Members),
                ("invited", Members),
            ],
            Self::Goal => &[
                ("statement", Text),
                ("own_words", Text),
                ("professional_words", Text),
                ("level", Single),
                ("period", Single),
                ("accountable_org", Single),
                ("whose_behaviour", Single),
                ("themes", Members),
                ("indicators", Members),
            ],
            Self::Indicator => &[
                ("name", Text),
                ("definition", Text),
                ("baseline", Single),
                ("target", Single),
                ("interval", Single),
                ("min_group", Single),
                ("values", Members),
            ],
            Self::Commitment => &[
                ("title", Text),
                ("description", Text),
                ("done_when", Text),
                ("next_step", Text),
                ("support_needed", Text),
                ("obstacle", Text),
                ("kind", Single),
                ("owner", Single),
                ("owner_org", Single),
                ("requester", Single),
                ("due", Single),
                ("follow_up", Single),
                ("recurrence", Single),
                ("visibility", Single),
                ("mandate", Single),
                ("mandate_by", Single),
                ("with", Members),
                ("goals", Members),
                ("from_notes", Members),
            ],
            Self::Decision => &[("text", Text), ("rule", Single), ("supporters", Members)],
            Self::FollowUp => &[("what", Text), ("changed", Text), ("learned", Text)],
            Self::Board => &[("title", Text)],
            Self::Note => &[
                ("text", Text),
                ("cluster", Single),
                ("state", Single),
                ("on_behalf_of", Single),
                ("promoted_to", Members),
            ],
            Self::Cluster => &[("title", Text), ("redirect_to", Single)],
            Self::Stage => &[("prompt", Text)],
            Self::Vote => &[("title", Text)],
            Self::Tie | Self::Relay => &[],
        }
    }

    /// How one of its fields merges.
    pub fn field(self, name: &str) -> FieldKind {
        self.fields().iter().find(|(field, _)| *field == name).map_or(Plain, |(_, kind)| *kind)
    }
}

/// An entity: its kind and id.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct EntityRef {
    /// What it is.
    pub kind: Kind,
    /// Which one.
    pub id: String,
}

/// The field of a participant or an organisation that says as which other one it goes on.
pub(crate) const SAME_AS: &str = "same_as";

impl EntityRef {
    /// An entity.
    pub fn new(kind: Kind, id: impl Into<String>) -> Self {
        Self { kind, id: id.into() }
    }

    /// The plan or board itself.
    pub fn meta() -> Self {
        Self::new(Kind::Meta, "self")
    }
}

/// Bytes of an id: those of imported plans are kept as they are, up to here.
pub const ID_BYTES_MAX: usize = 200;

/// The id of a new commitment or vote: a UUIDv7 whose last six bytes are the first of its maker's device key. Nobody
/// else can state on what terms or by what rules it began.
pub(crate) fn new_begun_id(now_ms: u64, device: &DeviceId, rng: &mut impl rand_core::CryptoRng) -> String {
    let mut random = [0; 10];
    rng.fill_bytes(&mut random);
    for (byte, of_device) in random.iter_mut().skip(4).zip(device.as_bytes()) {
        *byte = *of_device;
    }
    uuid::Builder::from_unix_timestamp_millis(now_ms, &random).into_uuid().hyphenated().to_string()
}

/// Whether a commitment or vote of this id can have been begun by this device; `None` where the id does not say.
pub(crate) fn begun_by(id: &str, device: &DeviceId) -> Option<bool> {
    let id = uuid::Uuid::try_parse(id).ok()?;
    let tag = id.as_bytes().get(10..)?;
    Some(device.as_bytes().get(..6) == Some(tag))
}

/// A new id: a UUIDv7 (RFC 9562) from the time and randomness given.
pub fn new_id(now_ms: u64, rng: &mut impl rand_core::CryptoRng) -> String {
    let mut random = [0; 10];
    rng.fill_bytes(&mut random);
    uuid::Builder::from_unix_timestamp_millis(now_ms, &random).into_uuid().hyphenated().to_string()
}
