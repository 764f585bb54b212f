-- Until when a refresh token is left alone. Without `until` it is never presented again.

CREATE TABLE refresh_pauses (
    connector   TEXT PRIMARY KEY REFERENCES connectors (id) ON DELETE CASCADE,
    fingerprint TEXT NOT NULL,
    code        TEXT NOT NULL,
    since       INTEGER NOT NULL,
    until       INTEGER
) STRICT;

INSERT INTO migrations (version) VALUES (3);
PRAGMA user_version = 3;
