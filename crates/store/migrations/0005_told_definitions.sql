-- Which definition of a project entry a person was shown when they asked to allow another one.

-- NULL while that is the entry's `definition`, which is told when it is taken over.
ALTER TABLE project_entries ADD COLUMN told TEXT;

INSERT INTO migrations (version) VALUES (5);
PRAGMA user_version = 5;
