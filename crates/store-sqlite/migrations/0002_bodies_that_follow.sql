-- A body may come after its header. `lacks_body` is 1 where it has not come and may yet, and otherwise null: a body
-- that was dropped lacks nothing. The index holds what is lacking and nothing else.
ALTER TABLE entry ADD COLUMN lacks_body INTEGER;

CREATE INDEX entry_lacking ON entry (log, number, lacks_body) WHERE lacks_body IS NOT NULL;

-- Documents whose bodies were dropped: they are not filled again.
CREATE TABLE dropped (
    space INTEGER NOT NULL REFERENCES space (no) ON DELETE CASCADE,
    document BLOB NOT NULL,
    PRIMARY KEY (space, document)
) STRICT, WITHOUT ROWID;

-- Up to here the store did not remember what was dropped; relays did, in a value of that name. A header has its
-- document in bytes 115 to 130, counted from 1.
INSERT OR IGNORE INTO dropped (space, document)
SELECT space, unhex(substr(key, 6)) FROM value
WHERE key GLOB 'drop/*' AND unhex(substr(key, 6)) IS NOT NULL AND space IN (SELECT no FROM space);

UPDATE entry SET lacks_body = 1
WHERE body IS NULL
AND NOT EXISTS (
    SELECT 1 FROM dropped WHERE dropped.space = entry.space AND dropped.document = substr(entry.header, 115, 16)
);
