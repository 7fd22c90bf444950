-- The ledger on SQLite, format 1. Statements are parted by an empty line; {log} stands for each log in turn.
-- Nothing here names anybody: headers hold pseudonyms, payloads and names are encrypted, tags are keyed digests.

CREATE TABLE ledger_format (version INTEGER NOT NULL PRIMARY KEY);

CREATE TABLE ledger_request (
  tag BLOB NOT NULL PRIMARY KEY, digest BLOB NOT NULL, first INTEGER NOT NULL, taken INTEGER NOT NULL,
  repeated INTEGER NOT NULL
) WITHOUT ROWID;

CREATE TRIGGER ledger_request_kept BEFORE UPDATE ON ledger_request
BEGIN SELECT RAISE(ABORT, 'what is written in the ledger is never changed'); END;

CREATE TRIGGER ledger_request_held BEFORE DELETE ON ledger_request
BEGIN SELECT RAISE(ABORT, 'what is written in the ledger is never removed'); END;

-- Every derived copy: where it lies, and the position in the log of entries that it has reached.

CREATE TABLE ledger_copy (name TEXT NOT NULL, place TEXT NOT NULL, position INTEGER NOT NULL, PRIMARY KEY (name, place));

-- each log

CREATE TABLE {log} (
  number INTEGER NOT NULL PRIMARY KEY, stream INTEGER NOT NULL REFERENCES {log}_stream (id), seq INTEGER NOT NULL,
  tag BLOB NOT NULL UNIQUE, key INTEGER NOT NULL, header BLOB NOT NULL, payload BLOB NOT NULL, UNIQUE (stream, seq)
);

CREATE TABLE {log}_stream (
  id INTEGER NOT NULL PRIMARY KEY, chain BLOB NOT NULL UNIQUE, tag BLOB NOT NULL UNIQUE, name BLOB NOT NULL
);

CREATE TABLE {log}_tile (place INTEGER NOT NULL PRIMARY KEY, hashes BLOB NOT NULL);

-- One row: what the log has reached. All of it but `log` follows from the entries, and verify compares.

CREATE TABLE {log}_head (
  only_one INTEGER NOT NULL PRIMARY KEY CHECK (only_one = 1), log BLOB NOT NULL, size INTEGER NOT NULL,
  streams INTEGER NOT NULL, keys INTEGER NOT NULL, latest INTEGER NOT NULL, edge BLOB NOT NULL
);

CREATE TRIGGER {log}_kept BEFORE UPDATE ON {log}
BEGIN SELECT RAISE(ABORT, 'what is written in the ledger is never changed'); END;

CREATE TRIGGER {log}_held BEFORE DELETE ON {log}
BEGIN SELECT RAISE(ABORT, 'what is written in the ledger is never removed'); END;

CREATE TRIGGER {log}_in_turn BEFORE INSERT ON {log}
WHEN NEW.number <> (SELECT coalesce(max(number), 0) + 1 FROM {log})
BEGIN SELECT RAISE(ABORT, 'an entry takes the next number and no other'); END;

CREATE TRIGGER {log}_stream_kept BEFORE UPDATE ON {log}_stream
BEGIN SELECT RAISE(ABORT, 'what is written in the ledger is never changed'); END;

CREATE TRIGGER {log}_stream_held BEFORE DELETE ON {log}_stream
BEGIN SELECT RAISE(ABORT, 'what is written in the ledger is never removed'); END;

CREATE TRIGGER {log}_tile_kept BEFORE UPDATE ON {log}_tile
BEGIN SELECT RAISE(ABORT, 'what is written in the ledger is never changed'); END;

CREATE TRIGGER {log}_tile_held BEFORE DELETE ON {log}_tile
BEGIN SELECT RAISE(ABORT, 'what is written in the ledger is never removed'); END;

CREATE TRIGGER {log}_head_forward BEFORE UPDATE ON {log}_head
WHEN NEW.size < OLD.size OR NEW.log <> OLD.log OR NEW.latest < OLD.latest OR NEW.streams < OLD.streams
BEGIN SELECT RAISE(ABORT, 'the head of the ledger only goes forward'); END;

CREATE TRIGGER {log}_head_held BEFORE DELETE ON {log}_head
BEGIN SELECT RAISE(ABORT, 'what is written in the ledger is never removed'); END;
