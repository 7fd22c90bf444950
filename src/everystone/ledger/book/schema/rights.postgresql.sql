-- Who may do what, beside the triggers. Run by the owner of the tables, who is not the one who writes entries.
-- everystone_writer takes entries; everystone_reader reads them, which is itself recorded. Neither changes any.

DO $$BEGIN IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'everystone_writer') THEN
  CREATE ROLE everystone_writer NOLOGIN; END IF; END$$;

DO $$BEGIN IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'everystone_reader') THEN
  CREATE ROLE everystone_reader NOLOGIN; END IF; END$$;

DO $$BEGIN EXECUTE format('GRANT USAGE ON SCHEMA %I TO everystone_writer, everystone_reader', current_schema()); END$$;

GRANT SELECT ON ledger_format, ledger_copy TO everystone_writer, everystone_reader;

GRANT SELECT ON ledger_request TO everystone_writer, everystone_reader;

GRANT INSERT ON ledger_request TO everystone_writer;

GRANT INSERT, UPDATE ON ledger_copy TO everystone_reader;

GRANT SELECT ON ledger_entry, ledger_entry_stream, ledger_entry_tile, ledger_entry_head, ledger_holding,
  ledger_holding_stream, ledger_holding_tile, ledger_holding_head TO everystone_writer, everystone_reader;

GRANT INSERT ON ledger_entry, ledger_entry_stream, ledger_entry_tile, ledger_holding, ledger_holding_stream,
  ledger_holding_tile TO everystone_writer;

GRANT UPDATE (size, streams, keys, latest, edge) ON ledger_entry_head, ledger_holding_head TO everystone_writer;

GRANT SELECT, INSERT ON ledger_reading, ledger_reading_stream, ledger_reading_tile
  TO everystone_writer, everystone_reader;

GRANT SELECT, UPDATE (size, streams, keys, latest, edge) ON ledger_reading_head TO everystone_writer, everystone_reader;
