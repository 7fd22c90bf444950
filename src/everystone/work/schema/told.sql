-- Who was told of what cannot be missed, by which post, and whether it arrived; who said that it was seen. This follows from
-- no entry: each step is also in the log of readings. `ended` is when it was no longer so, null while it is.

CREATE TABLE told (
  frame {text} NOT NULL, person {text} NOT NULL, item {text} NOT NULL, post {text} NOT NULL, team {text} NOT NULL,
  outcome {text} NOT NULL, by_whom {text} NOT NULL, at {number} NOT NULL, ended {number},
  PRIMARY KEY (frame, person, item, post, outcome, at)
);

CREATE INDEX told_open ON told (ended, frame);

CREATE TABLE told_sheet (name {text} NOT NULL, day {text} NOT NULL, outcome {text} NOT NULL, PRIMARY KEY (name, day));

CREATE TABLE told_turn (only_one {number} NOT NULL PRIMARY KEY CHECK (only_one = 1), until {number} NOT NULL);

INSERT INTO told_turn (only_one, until) VALUES (1, 0);
