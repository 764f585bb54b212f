-- Connectors, what checks found about them, and the settings of the app. Times are milliseconds since 1970 in UTC.

CREATE TABLE migrations (
    version INTEGER PRIMARY KEY
) STRICT;

CREATE TABLE connectors (
    seq        INTEGER PRIMARY KEY,
    id         TEXT NOT NULL UNIQUE,
    name       TEXT NOT NULL,
    name_key   TEXT NOT NULL UNIQUE,
    address    TEXT NOT NULL,
    transport  TEXT,
    protocol   TEXT,
    paused     INTEGER NOT NULL,
    settings   TEXT NOT NULL,
    sources    TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    revision   INTEGER NOT NULL DEFAULT 1
) STRICT;

CREATE TABLE verdicts (
    connector  TEXT PRIMARY KEY REFERENCES connectors (id) ON DELETE CASCADE,
    checked_at INTEGER NOT NULL,
    state      TEXT NOT NULL,
    code       TEXT,
    health     TEXT NOT NULL,
    steps      TEXT NOT NULL
) STRICT;

CREATE TABLE changes (
    seq       INTEGER PRIMARY KEY,
    connector TEXT NOT NULL REFERENCES connectors (id) ON DELETE CASCADE,
    at        INTEGER NOT NULL,
    state     TEXT NOT NULL,
    code      TEXT,
    summary   TEXT NOT NULL
) STRICT;

CREATE INDEX changes_by_connector ON changes (connector, at);

-- The worst level of each day: 0 grey, 1 green, 2 amber, 3 red.
CREATE TABLE day_states (
    connector TEXT NOT NULL REFERENCES connectors (id) ON DELETE CASCADE,
    day       TEXT NOT NULL,
    level     INTEGER NOT NULL,
    PRIMARY KEY (connector, day)
) STRICT;

CREATE TABLE settings (
    key   TEXT PRIMARY KEY,
    value TEXT NOT NULL
) STRICT;

INSERT INTO migrations (version) VALUES (1);
PRAGMA user_version = 1;
