-- The ledger on PostgreSQL, format 1. Statements are parted by an empty line; {log} stands for each log in turn.
-- Nothing here names anybody: headers hold pseudonyms, payloads and names are encrypted, tags are keyed digests.

CREATE TABLE ledger_format (version BIGINT NOT NULL PRIMARY KEY);

CREATE TABLE ledger_request (
  tag BYTEA NOT NULL PRIMARY KEY, digest BYTEA NOT NULL, first BIGINT NOT NULL, taken BIGINT NOT NULL,
  repeated BIGINT NOT NULL
);

-- Every derived copy: where it lies, and the position in the log of entries that it has reached.

CREATE TABLE ledger_copy (name TEXT NOT NULL, place TEXT NOT NULL, position BIGINT NOT NULL, PRIMARY KEY (name, place));

CREATE FUNCTION ledger_refuse() RETURNS trigger LANGUAGE plpgsql AS
$$BEGIN RAISE EXCEPTION 'what is written in the ledger is never changed and never removed'; END$$;

CREATE TRIGGER ledger_request_kept BEFORE DELETE OR UPDATE ON ledger_request
FOR EACH ROW EXECUTE FUNCTION ledger_refuse();

CREATE TRIGGER ledger_request_held BEFORE TRUNCATE ON ledger_request
FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse();

-- each log

CREATE TABLE {log}_stream (
  id BIGINT NOT NULL PRIMARY KEY, chain BYTEA NOT NULL UNIQUE, tag BYTEA NOT NULL UNIQUE, name BYTEA NOT NULL
);

CREATE TABLE {log} (
  number BIGINT NOT NULL PRIMARY KEY, stream BIGINT NOT NULL REFERENCES {log}_stream (id), seq BIGINT NOT NULL,
  tag BYTEA NOT NULL UNIQUE, key BIGINT NOT NULL, header BYTEA NOT NULL, payload BYTEA NOT NULL, UNIQUE (stream, seq)
);

CREATE TABLE {log}_tile (place BIGINT NOT NULL PRIMARY KEY, hashes BYTEA NOT NULL);

-- One row: what the log has reached. All of it but `log` follows from the entries, and verify compares.

CREATE TABLE {log}_head (
  only_one BIGINT NOT NULL PRIMARY KEY CHECK (only_one = 1), log BYTEA NOT NULL, size BIGINT NOT NULL,
  streams BIGINT NOT NULL, keys BIGINT NOT NULL, latest BIGINT NOT NULL, edge BYTEA NOT NULL
) WITH (fillfactor = 20);

CREATE FUNCTION {log}_next() RETURNS trigger LANGUAGE plpgsql AS
$$BEGIN IF NEW.number <> (SELECT coalesce(max(number), 0) + 1 FROM {log}) THEN
  RAISE EXCEPTION 'an entry takes the next number and no other'; END IF; RETURN NEW; END$$;

CREATE FUNCTION {log}_ahead() RETURNS trigger LANGUAGE plpgsql AS
$$BEGIN IF NEW.size < OLD.size OR NEW.log <> OLD.log OR NEW.latest < OLD.latest OR NEW.streams < OLD.streams THEN
  RAISE EXCEPTION 'the head of the ledger only goes forward'; END IF; RETURN NEW; END$$;

CREATE TRIGGER {log}_kept BEFORE DELETE OR UPDATE ON {log} FOR EACH ROW EXECUTE FUNCTION ledger_refuse();

CREATE TRIGGER {log}_held BEFORE TRUNCATE ON {log} FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse();

CREATE TRIGGER {log}_in_turn BEFORE INSERT ON {log} FOR EACH ROW EXECUTE FUNCTION {log}_next();

CREATE TRIGGER {log}_stream_kept BEFORE DELETE OR UPDATE ON {log}_stream
FOR EACH ROW EXECUTE FUNCTION ledger_refuse();

CREATE TRIGGER {log}_stream_held BEFORE TRUNCATE ON {log}_stream
FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse();

CREATE TRIGGER {log}_tile_kept BEFORE DELETE OR UPDATE ON {log}_tile FOR EACH ROW EXECUTE FUNCTION ledger_refuse();

CREATE TRIGGER {log}_tile_held BEFORE TRUNCATE ON {log}_tile FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse();

CREATE TRIGGER {log}_head_forward BEFORE UPDATE ON {log}_head FOR EACH ROW EXECUTE FUNCTION {log}_ahead();

CREATE TRIGGER {log}_head_held BEFORE DELETE ON {log}_head FOR EACH ROW EXECUTE FUNCTION ledger_refuse();

CREATE TRIGGER {log}_head_whole BEFORE TRUNCATE ON {log}_head FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse();
