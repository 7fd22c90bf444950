-- How often each standard was met in a frame, each with its number: what is met has no row of its own.

CREATE TABLE work_met (frame {text} NOT NULL PRIMARY KEY, met {text} NOT NULL);
