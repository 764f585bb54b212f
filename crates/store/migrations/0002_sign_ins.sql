-- What may be shown about a sign-in while the keychain is locked, and the records that let a killed operation be resumed.

CREATE TABLE sign_ins (
    connector TEXT PRIMARY KEY REFERENCES connectors (id) ON DELETE CASCADE,
    facts     TEXT NOT NULL
) STRICT;

CREATE TABLE refresh_intents (
    connector   TEXT PRIMARY KEY REFERENCES connectors (id) ON DELETE CASCADE,
    generation  INTEGER NOT NULL,
    fingerprint TEXT NOT NULL,
    at          INTEGER NOT NULL
) STRICT;

-- No foreign key: removing a connector is itself a journaled operation and outlives the row.
-- AUTOINCREMENT: a finished operation's number never comes back, so a late `finish` cannot hit another one.
CREATE TABLE journal (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    kind       TEXT NOT NULL,
    connector  TEXT,
    step       TEXT NOT NULL,
    data       TEXT NOT NULL,
    began_at   INTEGER NOT NULL,
    updated_at INTEGER NOT NULL
) STRICT;

INSERT INTO migrations (version) VALUES (2);
PRAGMA user_version = 2;
