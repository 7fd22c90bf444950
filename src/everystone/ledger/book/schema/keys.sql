-- The key store, on either database: its own file or database with its own rights, backed up apart.
-- {bytes} and {number} stand for the database's words for them.

-- One row: which log the keys belong to, and the secret from which names, tags and pseudonyms are made.

CREATE TABLE key_owner (only_one {number} NOT NULL PRIMARY KEY CHECK (only_one = 1), log {bytes} NOT NULL, secret {bytes} NOT NULL);

-- One row an entry, reserved before it is written. `secret` is null once it was destroyed, on the day `destroyed`.

CREATE TABLE key_secret (id {number} NOT NULL PRIMARY KEY, secret {bytes}, destroyed {number});

-- Checkpoints of the ledger as the key store saw them: a ledger that no longer agrees was restored or rewritten.

CREATE TABLE key_mark (log TEXT NOT NULL, size {number} NOT NULL, root {bytes} NOT NULL, PRIMARY KEY (log, size));
