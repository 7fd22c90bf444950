-- Which kinds come by which feed, and as of when (seconds since 1970 UTC): what is later cannot be missing yet.

CREATE TABLE work_holds (
  source {text} NOT NULL, kind {text} NOT NULL, feed {text} NOT NULL, at {number} NOT NULL, PRIMARY KEY (source, kind)
);
