-- By which files of this folder the tables were made that follow from the ledger, as a digest: of another release they are made anew.

CREATE TABLE work_made (only_one {number} NOT NULL PRIMARY KEY CHECK (only_one = 1), files {text} NOT NULL);
