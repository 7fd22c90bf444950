-- Texts that should be written for their own case: the fingerprint of each, and the runs of words by which one that is nearly a copy
-- is found. No word stands here. What was corrected or withdrawn is gone.

CREATE TABLE work_text (
  key {text} NOT NULL, field {text} NOT NULL, kind {text} NOT NULL, stream {text} NOT NULL, lo {number} NOT NULL,
  recorded {number} NOT NULL, row_key {text} NOT NULL, number {number} NOT NULL, print {text} NOT NULL, PRIMARY KEY (key, field)
);

CREATE TABLE work_run (
  run {number} NOT NULL, kind {text} NOT NULL, field {text} NOT NULL, key {text} NOT NULL, PRIMARY KEY (run, kind, field, key)
);

CREATE INDEX work_run_key ON work_run (key);
