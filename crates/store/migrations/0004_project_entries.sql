-- Which connectors came with a project folder, and which definition of each a person allowed; and the folders to look through.

-- `definition` and `outline` are those that the connector's settings were made from. Without `approved_at` it is not contacted.
CREATE TABLE project_entries (
    connector   TEXT PRIMARY KEY REFERENCES connectors (id) ON DELETE CASCADE,
    app         TEXT NOT NULL,
    folder      TEXT NOT NULL,
    file        TEXT NOT NULL,
    entry       TEXT NOT NULL,
    definition  TEXT NOT NULL,
    outline     TEXT NOT NULL,
    approved_at INTEGER
) STRICT;

CREATE TABLE folders (
    path TEXT PRIMARY KEY
) STRICT;

INSERT INTO migrations (version) VALUES (4);
PRAGMA user_version = 4;
