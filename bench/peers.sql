-- Twelve standards as one would write them by hand for DuckDB: which triggers (key, and of whom) are not met.
-- Each says what of the standard's meaning it leaves out. `apart` gives the streams, or persons, in which that may
-- matter: they are not compared. In none of them are corrections, withdrawals or partial dates thought of, nor what cannot be told.
-- Given: e (entries known and past), s (the same by subject), born, offence, limits (civil days and working days by
-- first second), substantive, $now.

-- REC-03
-- leaves out: what excuses (a strategy discussion that directs delay, death); children whose age is not on record
-- apart: SELECT stream FROM e WHERE kind IN ('child.not_seen', 'person.died')
SELECT t.stream, t.key, t.person FROM s t JOIN born b USING (person)
WHERE t.kind = 'report.received' AND t.moment < b.adult
  AND t.lo + CASE WHEN t.data ->> 'child_at_risk_now' = 'true' THEN 7200 ELSE 86400 END < $now
  AND NOT (
    EXISTS (FROM s r WHERE r.stream = t.stream AND r.person = t.person AND r.kind = 'child.seen'
            AND coalesce(r.data ->> 'how', 'in person') = 'in person' AND r.minute >= t.minute
            AND r.lo <= t.lo + CASE WHEN t.data ->> 'child_at_risk_now' = 'true' THEN 7200 ELSE 86400 END)
    AND EXISTS (FROM s r WHERE r.stream = t.stream AND r.person = t.person AND r.minute >= t.minute
            AND (r.kind IN ('child.voice', 'interview.declined') OR (r.kind = 'interview.not_held' AND r.data ->> 'reason' <> ''))
            AND r.lo <= t.lo + CASE WHEN t.data ->> 'child_at_risk_now' = 'true' THEN 7200 ELSE 86400 END));

-- INV-10
-- leaves out: waits; cases that were reopened; which of the silences it was (a case is named once)
-- apart: SELECT stream FROM e WHERE kind IN ('wait.recorded', 'case.reopened')
WITH begun AS (SELECT stream, min(lo) AS first FROM e WHERE kind = 'case.allocated' GROUP BY stream),
closed AS (SELECT e.stream, min(e.lo) AS last FROM e JOIN begun USING (stream)
           WHERE kind = 'case.closed' AND e.lo >= first GROUP BY e.stream),
beats AS (SELECT e.stream, e.lo FROM e JOIN begun USING (stream) JOIN substantive USING (kind)
          WHERE e.role = 'officer' AND e.lo >= first UNION ALL SELECT stream, first FROM begun),
gaps AS (SELECT stream, lo, lead(lo, 1, NULL) OVER (PARTITION BY stream ORDER BY lo) AS next FROM beats)
SELECT DISTINCT gaps.stream, '' AS key, '' AS person FROM gaps LEFT JOIN closed USING (stream)
ASOF JOIN limits day ON gaps.lo >= day.first
JOIN limits due ON due.day = day.day + 28
WHERE due.last < $now AND gaps.lo < coalesce(closed.last, $now)
  AND due.last < least(coalesce(next, $now + 1), coalesce(closed.last, $now + 1));

-- SUP-01
-- leaves out: that grave offences against a child have one working day: cases looked at on the second or third are apart
-- apart: WITH a AS (SELECT stream, arg_min(lo, lo) AS lo FROM e WHERE kind = 'case.allocated' GROUP BY stream), r AS (SELECT a.stream, a.lo, min(r.lo) AS seen FROM a LEFT JOIN e r ON r.stream = a.stream AND r.kind = 'review.done' AND r.data ->> 'level' = 'initial' AND r.lo >= a.lo GROUP BY ALL) SELECT stream FROM r ASOF JOIN limits day ON r.lo >= day.first JOIN limits one ON one.workday = day.workday + 1 AND one.works JOIN limits three ON three.workday = day.workday + 3 AND three.works WHERE coalesce(seen, $now) BETWEEN one.last + 1 AND three.last + 86400
WITH t AS (SELECT stream, arg_min(key, (lo, key)) AS key, min(lo) AS lo, min(minute) AS minute FROM e WHERE kind = 'case.allocated' GROUP BY stream),
led AS (SELECT stream, lo, data ->> 'lead' AS lead FROM e WHERE kind = 'case.allocated'
        UNION ALL SELECT stream, lo, data ->> 'to_person' FROM e WHERE kind = 'case.handed_over' AND data ->> 'to_person' <> '')
SELECT t.stream, t.key, '' AS person FROM t ASOF JOIN limits day ON t.lo >= day.first
JOIN limits due ON due.workday = day.workday + 3 AND due.works
WHERE due.last < $now AND NOT EXISTS (
  FROM e r WHERE r.stream = t.stream AND r.kind = 'review.done' AND r.data ->> 'level' = 'initial' AND r.minute >= t.minute
  AND r.lo <= due.last AND r.height >= 1 AND r."by" IS DISTINCT FROM
      (SELECT arg_max(lead, led.lo) FROM led WHERE led.stream = r.stream AND led.lo <= r.lo));

-- SUP-04
-- leaves out: that sexual offences against a child take an inspector: cases signed for by a sergeant alone are apart
-- apart: SELECT stream FROM e WHERE kind = 'signoff.closure' AND height = 1
WITH t AS (SELECT *, lag(lo) OVER (PARTITION BY stream ORDER BY lo, key) AS previous FROM e WHERE kind = 'case.closed'),
led AS (SELECT stream, lo, data ->> 'lead' AS lead FROM e WHERE kind = 'case.allocated'
        UNION ALL SELECT stream, lo, data ->> 'to_person' FROM e WHERE kind = 'case.handed_over' AND data ->> 'to_person' <> '')
SELECT t.stream, t.key, '' AS person FROM t
WHERE NOT EXISTS (
  FROM e r WHERE r.stream = t.stream AND r.kind = 'signoff.closure' AND r.minute <= t.minute AND r.height >= 1
  AND (t.previous IS NULL OR r.lo >= t.previous) AND r."by" <> t."by" AND r."by" IS DISTINCT FROM
      (SELECT arg_max(lead, led.lo) FROM led WHERE led.stream = r.stream AND led.lo <= r.lo));

-- SUP-06
-- asks on account of: case.handed_over
-- leaves out: leads who left, were restricted or on long leave; handovers that name nobody, and so the 24 hours where a child is at risk
-- apart: SELECT stream FROM e WHERE kind = 'case.handed_over' AND coalesce(data ->> 'to_person', '') = ''
SELECT t.stream, t.key, '' AS person FROM e t ASOF JOIN limits day ON t.lo >= day.first
JOIN limits due ON due.workday = day.workday + 3 AND due.works
WHERE t.kind = 'case.handed_over' AND due.last < $now AND NOT EXISTS (
  FROM e r WHERE r.stream = t.stream AND r.kind = 'victim.updated' AND r.data ->> 'about' = 'hand_over'
  AND r.minute >= t.minute AND r.lo <= due.last);

-- SAF-03
-- leaves out: that nothing is asked while an enquiry is open; the second limb, where police disagree
-- apart: SELECT stream FROM e WHERE (kind = 'strategy.held' AND data ->> 's47_started' = 'true') OR (kind = 'strategy.not_held' AND data ->> 'police_agree' = 'false')
WITH t AS (SELECT s.* FROM s JOIN born b USING (person) WHERE s.moment < b.adult AND (
    (kind = 'referral.social_care' AND coalesce(data ->> 'significant_harm', CASE WHEN data ->> 'urgency' = 'routine' THEN 'false' ELSE 'true' END) = 'true')
    OR (kind = 'safeguarding.considered' AND coalesce(data ->> 'significant_harm', CASE WHEN data ->> 'level' IN ('high', 'very high') THEN 'true' ELSE 'false' END) = 'true'))),
held AS (SELECT stream, person, lo, minute, kind FROM s
         WHERE kind = 'strategy.held' OR (kind = 'strategy.not_held' AND data ->> 'authoriser' <> ''))
SELECT t.stream, t.key, t.person FROM t ASOF JOIN limits day ON t.lo >= day.first
JOIN limits due ON due.workday = day.workday + 1 AND due.works
JOIN limits before ON before.workday = day.workday - 1 AND before.works
WHERE due.last < $now
  AND NOT EXISTS (FROM held r WHERE r.stream = t.stream AND r.person = t.person AND r.minute >= t.minute AND r.lo <= due.last)
  AND NOT EXISTS (FROM held r WHERE r.stream = t.stream AND r.person = t.person AND r.kind = 'strategy.held'
                  AND r.lo BETWEEN before.first AND t.lo);

-- CHG-02
-- leaves out: nothing but what is left out everywhere
-- apart: SELECT '' AS stream WHERE false
WITH t AS (SELECT *, lag(lo) OVER (PARTITION BY stream, person ORDER BY lo, key) AS previous FROM s
           JOIN offence ON code = data ->> 'offence_code' WHERE kind = 'disposal.given' AND mode = 'indictable_only')
SELECT t.stream, t.key, t.person FROM t
WHERE NOT EXISTS (
  FROM e r WHERE r.stream = t.stream AND r.kind = 'cps.decided' AND r.data ->> 'decision' = 'out_of_court' AND r.minute <= t.minute
  AND (t.previous IS NULL OR r.lo >= t.previous) AND (list_contains(r.subjects, t.person) OR len(r.subjects) = 0));

-- OFF-04
-- leaves out: every threshold but "always": offences with another, and persons who were under 18, are apart; so is time away
-- apart: SELECT person FROM s WHERE kind = 'offender.away' OR (kind = 'suspect.identified' AND CAST(data ->> 'age' AS INT) < 19) UNION SELECT person FROM s, (SELECT unnest(list_concat([data ->> 'offence_code'], CAST(data -> 'offence_codes' AS VARCHAR[]))) AS code, key FROM e WHERE kind IN ('disposal.given', 'court.result')) c JOIN offence USING (code) WHERE c.key = s.key AND offence.adult <> 'always'
WITH t AS (SELECT DISTINCT s.stream, s.key, s.person, s.lo, s.minute FROM s, unnest(list_concat([data ->> 'offence_code'], CAST(data -> 'offence_codes' AS VARCHAR[]))) c(code)
           JOIN offence USING (code)
           WHERE notifiable AND adult = 'always' AND ((kind = 'disposal.given' AND data ->> 'type' NOT IN ('community_resolution', 'diversion'))
                 OR (kind = 'court.result' AND data ->> 'result' = 'convicted')))
SELECT t.stream, t.key, t.person FROM t ASOF JOIN limits day ON t.lo >= day.first JOIN limits due ON due.day = day.day + 2
WHERE due.last < $now AND NOT EXISTS (
  FROM s r WHERE r.person = t.person AND r.kind = 'notification.made' AND r.minute >= t.minute AND r.lo <= due.last);

-- MIS-06
-- asks on account of: missing.reported
-- leaves out: episodes of a day, adults they were found with, signs of exploitation: only the third episode is asked about
-- apart: SELECT r.person FROM s r LEFT JOIN s f ON f.person = r.person AND f.kind IN ('missing.found', 'missing.closed') AND f.minute >= r.minute WHERE r.kind = 'missing.reported' GROUP BY r.person, r.key, r.lo HAVING coalesce(min(f.lo), $now) - r.lo >= 86340
WITH t AS (SELECT s.*, day.day, day.date, count(*) OVER (PARTITION BY person ORDER BY day.day RANGE BETWEEN 89 PRECEDING AND CURRENT ROW) AS n
           FROM s JOIN born b USING (person) ASOF JOIN limits day ON s.lo >= day.first
           WHERE kind = 'missing.reported' AND s.moment < b.adult),
met AS (SELECT person, lo, minute, kind, data ->> 'plan_ref' AS plan FROM s WHERE kind IN ('missing.meeting', 'strategy.held')),
plan AS (SELECT person, lo, coalesce(data ->> 'valid_to', '9') AS until FROM s WHERE kind = 'trigger_plan.made')
SELECT t.stream, t.key, t.person FROM t JOIN limits day USING (day)
JOIN limits due ON due.workday = day.workday + 5 AND due.works JOIN limits before ON before.day = day.day - 28
WHERE n >= 3 AND due.last < $now
  AND NOT EXISTS (FROM met r WHERE r.person = t.person AND r.minute >= t.minute AND r.lo <= due.last)
  AND NOT EXISTS (FROM met r WHERE r.person = t.person AND r.lo BETWEEN before.first AND t.lo AND (r.plan <> '' OR EXISTS (
                  FROM plan p WHERE p.person = t.person AND p.lo <= t.lo AND p.until >= t.date)));

-- CUS-05
-- leaves out: reviews after charge and postponed ones; which of the reviews it was (a detention is named once)
-- apart: SELECT stream FROM e WHERE kind = 'detention.review_postponed' UNION SELECT stream FROM s d WHERE kind = 'detention.authorised' AND EXISTS (FROM s c WHERE c.stream = d.stream AND c.person = d.person AND c.kind = 'charge.made' AND c.lo >= d.lo AND c.lo <= coalesce((SELECT min(lo) FROM s r WHERE r.stream = d.stream AND r.person = d.person AND r.kind = 'release.made' AND r.lo >= d.lo), $now))
WITH t AS (SELECT d.stream, d.key, d.person, d.lo, coalesce(min(r.lo), $now) AS until FROM s d
           LEFT JOIN s r ON r.stream = d.stream AND r.person = d.person AND r.kind = 'release.made' AND r.minute >= d.minute
           WHERE d.kind = 'detention.authorised' GROUP BY ALL),
led AS (SELECT stream, lo, data ->> 'lead' AS lead FROM e WHERE kind = 'case.allocated'
        UNION ALL SELECT stream, lo, data ->> 'to_person' FROM e WHERE kind = 'case.handed_over' AND data ->> 'to_person' <> ''),
beats AS (SELECT t.stream, t.key, t.person, t.until, t.lo, 21600 AS most FROM t
          UNION ALL SELECT t.stream, t.key, t.person, t.until, r.lo, 32400 FROM t JOIN s r
          ON r.stream = t.stream AND r.person = t.person AND r.kind = 'detention.reviewed' AND r.lo BETWEEN t.lo AND t.until
          WHERE r.height >= 2 AND r."by" IS DISTINCT FROM
                (SELECT arg_max(lead, led.lo) FROM led WHERE led.stream = r.stream AND led.lo <= r.lo)),
gaps AS (SELECT *, lead(lo, 1, until) OVER (PARTITION BY key, person ORDER BY lo) AS next FROM beats)
SELECT DISTINCT stream, key, person FROM gaps WHERE next - lo > most AND lo + most < $now;

-- CAP-02
-- leaves out: nothing but what is left out everywhere
-- apart: SELECT '' AS stream WHERE false
WITH who AS (SELECT stream, key, lo, unnest(CAST(data -> 'interviewers' AS VARCHAR[])) AS officer,
             ['abe_interviewing', 'achieving best evidence', 'specialist child interviewing'] AS courses FROM e WHERE kind = 'interview.abe'
             UNION ALL SELECT stream, key, lo, data ->> 'grader', ['image_grading', 'victim identification'] FROM e WHERE kind = 'image.graded')
SELECT DISTINCT stream, key, '' AS person FROM (SELECT who.*, day.date FROM who ASOF JOIN limits day ON who.lo >= day.first) asked
WHERE officer IS NOT NULL AND NOT EXISTS (
  FROM s t WHERE t.kind = 'training.completed' AND t.person = officer AND list_contains(courses, t.data ->> 'course')
  AND asked.date BETWEEN coalesce(t.data ->> 'valid_from', '') AND coalesce(t.data ->> 'valid_to', '9'));

-- LAN-02
-- leaves out: nothing but what is left out everywhere
-- apart: SELECT '' AS stream WHERE false
SELECT stream, key, '' AS person FROM e
WHERE kind IN ('missing.reported', 'missing.graded', 'missing.reviewed', 'missing.found', 'missing.prevention_interview', 'missing.closed',
               'exploitation.indicator', 'exploitation.screened', 'cawn.considered', 'safeguarding.considered', 'contact_risk.assessed')
  AND len(list_filter(from_json(CASE WHEN hits = '' THEN '[]' ELSE hits END, '[["VARCHAR"]]'), lambda hit: hit[1] = 'B' AND hit[4] IS DISTINCT FROM 'true')) > 0;
