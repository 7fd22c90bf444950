-- What follows from the ledger and is kept at hand, on either database: copies, made anew by `everystone rebuild`.
-- {number} and {text} stand for the database's words; texts are compared by their bytes. Instants are seconds since 1970 UTC.

CREATE TABLE work_reached (only_one {number} NOT NULL PRIMARY KEY CHECK (only_one = 1), position {number} NOT NULL);

INSERT INTO work_reached (only_one, position) VALUES (1, 0);

-- Who stands in which stream: named by an entry, or as who made one, or both (1 for yes).

CREATE TABLE work_named (
  person {text} NOT NULL, stream {text} NOT NULL, named {number} NOT NULL, acted {number} NOT NULL,
  PRIMARY KEY (person, stream)
);

CREATE INDEX work_named_stream ON work_named (stream);

-- Every frame that was asked: when, and from when its answers may be others although nobody writes anything.

CREATE TABLE work_frame (
  frame {text} NOT NULL PRIMARY KEY, home {text} NOT NULL, team {text} NOT NULL, lead {text} NOT NULL, opened {number} NOT NULL,
  running {number} NOT NULL, closed {number} NOT NULL, latest {number} NOT NULL, asked {number} NOT NULL, turns_at {number} NOT NULL
);

CREATE INDEX work_frame_team ON work_frame (team);

CREATE INDEX work_frame_lead ON work_frame (lead);

CREATE INDEX work_frame_home ON work_frame (home);

CREATE INDEX work_frame_turns ON work_frame (turns_at);

CREATE INDEX work_frame_running ON work_frame (running, closed) WHERE home = frame;

CREATE TABLE work_finding (
  frame {text} NOT NULL, key {text} NOT NULL, standard {text} NOT NULL, version {text} NOT NULL, asked_for {text} NOT NULL,
  begun_by {text} NOT NULL, n {number} NOT NULL, answer {text} NOT NULL, reason {text} NOT NULL, due {number},
  evidence {text} NOT NULL, marks {text} NOT NULL, tier {number}, root {text} NOT NULL, team {text} NOT NULL,
  about {text} NOT NULL, PRIMARY KEY (frame, key)
);

CREATE INDEX work_finding_standard ON work_finding (standard, answer);

CREATE TABLE work_placed (
  frame {text} NOT NULL, person {text} NOT NULL, tier {number} NOT NULL, place {text} NOT NULL, because {text} NOT NULL,
  confidence {text} NOT NULL, team {text} NOT NULL, step {text} NOT NULL, done_by {text} NOT NULL, PRIMARY KEY (frame, person)
);

CREATE INDEX work_placed_person ON work_placed (person);

CREATE INDEX work_placed_place ON work_placed (tier, place);

-- Who led which case from when to when; an instant of each end that is sure, and one that may be.

CREATE TABLE work_led (
  officer {text} NOT NULL, frame {text} NOT NULL, lo {number} NOT NULL, lo_sure {number} NOT NULL, hi {number} NOT NULL,
  hi_sure {number} NOT NULL, entry {text} NOT NULL, PRIMARY KEY (frame, entry, lo)
);

CREATE INDEX work_led_officer ON work_led (officer);

-- Who is on duty in which post, in which team.

CREATE TABLE work_duty (
  officer {text} NOT NULL, post {text} NOT NULL, team {text} NOT NULL, lo {number} NOT NULL, hi {number} NOT NULL,
  PRIMARY KEY (officer, post, lo)
);

CREATE INDEX work_duty_lo ON work_duty (lo, hi);

-- Who is away from when to when, and who covers.

CREATE TABLE work_leave (
  officer {text} NOT NULL, cover {text} NOT NULL, lo {number} NOT NULL, hi {number} NOT NULL, PRIMARY KEY (officer, lo, cover)
);

-- Lines of a handover; the words of a line are read from its entry. Accepted by somebody, or still with whoever left it.

CREATE TABLE work_line (
  frame {text} NOT NULL, person {text} NOT NULL, entry {text} NOT NULL, by_whom {text} NOT NULL, from_post {text} NOT NULL,
  to_post {text} NOT NULL, at {number} NOT NULL, due {number} NOT NULL, accepted_by {text} NOT NULL, accepted_at {number},
  PRIMARY KEY (frame, entry)
);

-- Since when an open case has had no entry of substance.

CREATE TABLE work_silence (frame {text} NOT NULL PRIMARY KEY, since {number} NOT NULL);

-- What somebody did about a card, and until when it holds (none: until the card says something else).

CREATE TABLE work_act (
  frame {text} NOT NULL, person {text} NOT NULL, act {text} NOT NULL, because {text} NOT NULL, by_whom {text} NOT NULL,
  at {number} NOT NULL, until {number}, entry {text} NOT NULL, PRIMARY KEY (frame, entry, person)
);

CREATE INDEX work_act_act ON work_act (act, until);

-- Of which kinds an answer of a frame waits for a feed: it is asked again when one comes.

CREATE TABLE work_awaited (frame {text} NOT NULL, kind {text} NOT NULL, PRIMARY KEY (frame, kind));

CREATE INDEX work_awaited_kind ON work_awaited (kind);

-- Frames that something written elsewhere may have changed: to be asked again, within a minute.

CREATE TABLE work_due (frame {text} NOT NULL PRIMARY KEY, since {number} NOT NULL);

-- Who read what of a case, and why: from the log of readings, so that the case can say it.

CREATE TABLE work_read (
  number {number} NOT NULL, frame {text} NOT NULL, by_whom {text} NOT NULL, at {number} NOT NULL, why {text} NOT NULL,
  PRIMARY KEY (frame, number)
);

-- What professional standards are told first, and no page shows to anybody else; `home` is the stream it was asked of.

CREATE TABLE work_sealed (
  home {text} NOT NULL, frame {text} NOT NULL, key {text} NOT NULL, standard {text} NOT NULL, asked_for {text} NOT NULL,
  team {text} NOT NULL, due {number}, PRIMARY KEY (home, key)
);

-- From which sources a stream has entries; and which of its entries were typed here.

CREATE TABLE work_from (stream {text} NOT NULL, source {text} NOT NULL, PRIMARY KEY (stream, source));

CREATE TABLE work_typed (stream {text} NOT NULL, key {text} NOT NULL, PRIMARY KEY (stream, key));
