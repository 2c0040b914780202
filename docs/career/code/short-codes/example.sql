CREATE TABLE counter (next bigint NOT NULL);
INSERT INTO counter VALUES (5000000000);
CREATE SEQUENCE block_start START 5000000000 INCREMENT 1000;
CREATE TABLE link (code text PRIMARY KEY, target text NOT NULL);
-- session A
-- --8<-- [start:show]
-- A row as counter: B waits, and A's rollback takes its block back.
BEGIN;
UPDATE counter SET next = next + 1000
  RETURNING next - 1000 AS first;
-- session B
UPDATE counter SET next = next + 1000
  RETURNING next - 1000 AS first;
-- session A
ROLLBACK;
-- A sequence: nobody waits, and a rollback leaves a gap.
BEGIN;
SELECT nextval('block_start') AS first;
-- session B
SELECT nextval('block_start') AS first;
-- session A
ROLLBACK;
SELECT nextval('block_start') AS first;
-- Random codes: the unique index decides, nobody looks first.
INSERT INTO link VALUES ('k3Xp9aQ', 'https://example.com/a');
-- session B
INSERT INTO link VALUES ('k3Xp9aQ', 'https://example.com/b')
  ON CONFLICT (code) DO NOTHING RETURNING code;
-- --8<-- [end:show]
