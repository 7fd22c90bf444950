-- What follows from nothing else, and is kept when what follows from the ledger is made anew.

-- Every delivery of a feed that was taken, or could not be used (`fault` says why): that it is taken once.

CREATE TABLE work_feed (
  feed {text} NOT NULL, item {text} NOT NULL, print {text} NOT NULL, source {text} NOT NULL, written {number} NOT NULL,
  taken {number} NOT NULL, as_of {text} NOT NULL, ends {number} NOT NULL, new {number} NOT NULL, changed {number} NOT NULL,
  gone {number} NOT NULL, same {number} NOT NULL, rejected {number} NOT NULL, fault {text} NOT NULL, PRIMARY KEY (feed, item, print)
);

CREATE INDEX work_feed_source ON work_feed (source, ends);

-- Two entries that may be the same act, typed here and delivered: what somebody said of them ("" nobody yet).

CREATE TABLE work_same (
  typed {text} NOT NULL, fed {text} NOT NULL, stream {text} NOT NULL, since {number} NOT NULL, decided {text} NOT NULL,
  by_whom {text} NOT NULL, PRIMARY KEY (typed, fed)
);
