-- What follows from the ledger and is kept at hand, on either database: copies, made anew by `everystone rebuild`.
-- {number} stands for the database's word. Instants are seconds since 1970 UTC.

CREATE TABLE work_reached (only_one {number} NOT NULL PRIMARY KEY CHECK (only_one = 1), position {number} NOT NULL);

INSERT INTO work_reached (only_one, position) VALUES (1, 0);

-- Who stands in which stream: named (1), or only as somebody who acted (0).

CREATE TABLE work_named (
  person TEXT NOT NULL, stream TEXT NOT NULL, named {number} NOT NULL, PRIMARY KEY (person, stream)
);

CREATE INDEX work_named_stream ON work_named (stream);

-- Every frame that was asked: when, and from when its answers may be others although nobody writes anything.

CREATE TABLE work_frame (
  frame TEXT NOT NULL PRIMARY KEY, home TEXT NOT NULL, team TEXT NOT NULL, lead TEXT NOT NULL, opened {number} NOT NULL,
  running {number} NOT NULL, latest {number} NOT NULL, asked {number} NOT NULL, turns_at {number} NOT NULL
);

CREATE INDEX work_frame_team ON work_frame (team);

CREATE INDEX work_frame_lead ON work_frame (lead);

CREATE INDEX work_frame_turns ON work_frame (turns_at);

CREATE TABLE work_finding (
  frame TEXT NOT NULL, key TEXT NOT NULL, standard TEXT NOT NULL, version TEXT NOT NULL, asked_for TEXT NOT NULL,
  begun_by TEXT NOT NULL, n {number} NOT NULL, answer TEXT NOT NULL, reason TEXT NOT NULL, due {number},
  evidence TEXT NOT NULL, marks TEXT NOT NULL, tier {number}, root TEXT NOT NULL, team TEXT NOT NULL,
  about TEXT NOT NULL, PRIMARY KEY (frame, key)
);

CREATE TABLE work_placed (
  frame TEXT NOT NULL, person TEXT NOT NULL, tier {number} NOT NULL, place TEXT NOT NULL, because TEXT NOT NULL,
  confidence TEXT NOT NULL, team TEXT NOT NULL, step TEXT NOT NULL, done_by TEXT NOT NULL, PRIMARY KEY (frame, person)
);

CREATE INDEX work_placed_person ON work_placed (person);

CREATE INDEX work_placed_place ON work_placed (tier, place);

-- Who led which case from when to when; an instant of each end that is sure, and one that may be.

CREATE TABLE work_led (
  officer TEXT NOT NULL, frame TEXT NOT NULL, lo {number} NOT NULL, lo_sure {number} NOT NULL, hi {number} NOT NULL,
  hi_sure {number} NOT NULL, entry TEXT NOT NULL, PRIMARY KEY (frame, entry, lo)
);

CREATE INDEX work_led_officer ON work_led (officer);

-- Frames that something written elsewhere may have changed: to be asked again, within a minute.

CREATE TABLE work_due (frame TEXT NOT NULL PRIMARY KEY, since {number} NOT NULL);

-- Who read what of a case, and why: from the log of readings, so that the case can say it.

CREATE TABLE work_read (
  number {number} NOT NULL, frame TEXT NOT NULL, by_whom TEXT NOT NULL, at {number} NOT NULL, why TEXT NOT NULL,
  PRIMARY KEY (frame, number)
);
