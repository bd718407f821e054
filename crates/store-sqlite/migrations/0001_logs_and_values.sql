-- Never edited after release: a later change is a later file.
-- Numbers of spaces and logs are not used again after a removal: a reader that looked one up before must not meet
-- another space under it.
CREATE TABLE space (
    no INTEGER PRIMARY KEY AUTOINCREMENT,
    id BLOB NOT NULL UNIQUE
) STRICT;

-- Where each log stands: appending compares with this row, so it needs no look at the entries.
CREATE TABLE log (
    no INTEGER PRIMARY KEY AUTOINCREMENT,
    space INTEGER NOT NULL REFERENCES space (no) ON DELETE CASCADE,
    device BLOB NOT NULL,
    slot BLOB NOT NULL,
    next INTEGER NOT NULL,
    head BLOB NOT NULL,
    UNIQUE (space, device, slot)
) STRICT;

-- The rowid is the order of arrival; it never goes back, even when the newest rows are removed.
CREATE TABLE entry (
    arrival INTEGER PRIMARY KEY AUTOINCREMENT,
    space INTEGER NOT NULL REFERENCES space (no) ON DELETE CASCADE,
    log INTEGER NOT NULL REFERENCES log (no) ON DELETE CASCADE,
    number INTEGER NOT NULL,
    header BLOB NOT NULL,
    body BLOB
) STRICT;

CREATE UNIQUE INDEX entry_by_number ON entry (log, number);
CREATE INDEX entry_by_space ON entry (space, arrival);

-- Space 0 is the store itself.
CREATE TABLE value (
    space INTEGER NOT NULL,
    key TEXT NOT NULL,
    value BLOB NOT NULL,
    PRIMARY KEY (space, key)
) STRICT, WITHOUT ROWID;
