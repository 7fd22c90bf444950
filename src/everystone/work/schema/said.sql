-- What was said of findings, without its words: which finding of which standard, what (a word of the work file), by whom, until
-- when it holds (none: no day). `waits` is 1 for what nobody decided on yet.

CREATE TABLE work_said (
  frame {text} NOT NULL, finding {text} NOT NULL, standard {text} NOT NULL, said {text} NOT NULL, by_whom {text} NOT NULL,
  at {number} NOT NULL, until {number}, entry {text} NOT NULL, waits {number} NOT NULL, PRIMARY KEY (frame, entry)
);

CREATE INDEX work_said_standard ON work_said (standard, said);

CREATE INDEX work_said_finding ON work_said (finding);
