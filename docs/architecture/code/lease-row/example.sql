CREATE TABLE lease (
  name text PRIMARY KEY, holder text NOT NULL,
  fence bigint NOT NULL, until timestamptz NOT NULL);
INSERT INTO lease VALUES ('billing', '', 0, '-infinity');
CREATE TABLE invoice (month text, billed_by text);
-- session A
-- --8<-- [start:lease]
-- Both candidates run this every 5 seconds. A wins.
UPDATE lease
   SET holder = 'a', fence = fence + 1,
       until = now() + interval '15 seconds'
 WHERE name = 'billing' AND until < now()
RETURNING fence;
-- session B
UPDATE lease
   SET holder = 'b', fence = fence + 1,
       until = now() + interval '15 seconds'
 WHERE name = 'billing' AND until < now()
RETURNING fence;
-- A hangs, the 15 seconds pass (shortened here).
UPDATE lease SET until = '-infinity';
-- The same statement, tried again, wins now.
UPDATE lease
   SET holder = 'b', fence = fence + 1,
       until = now() + interval '15 seconds'
 WHERE name = 'billing' AND until < now()
RETURNING fence;
-- session A
-- A wakes. It cannot renew, and its guard finds nothing.
UPDATE lease SET until = now() + interval '15 seconds'
 WHERE name = 'billing' AND fence = 1;
BEGIN;
SELECT fence FROM lease
 WHERE name = 'billing' AND fence = 1 FOR SHARE;
ROLLBACK;
-- session B
-- B works behind the same guard, and is slow:
-- its 15 seconds pass as well.
UPDATE lease SET until = '-infinity';
BEGIN;
SELECT fence FROM lease
 WHERE name = 'billing' AND fence = 2 FOR SHARE;
INSERT INTO invoice VALUES ('2026-11', 'b');
-- session A
-- Even now, a takeover must wait for that commit.
UPDATE lease
   SET holder = 'a', fence = fence + 1,
       until = now() + interval '15 seconds'
 WHERE name = 'billing' AND until < now()
RETURNING fence;
-- session B
COMMIT;
-- --8<-- [end:lease]
-- session A
SELECT * FROM invoice;
