-- What two sessions see of each other, level by level.
-- READ COMMITTED is the default.
CREATE TABLE accounts (
    id      integer PRIMARY KEY,
    owner   text NOT NULL,
    balance integer NOT NULL
);
INSERT INTO accounts VALUES (1, 'ann', 100), (2, 'ann', 50);
CREATE TABLE doctors (
    name    text PRIMARY KEY,
    on_call boolean NOT NULL
);
INSERT INTO doctors VALUES ('ada', true), ('ben', true);
CREATE TABLE jobs (
    id    integer PRIMARY KEY,
    state text NOT NULL
);
INSERT INTO jobs VALUES (1, 'ready'), (2, 'ready'), (3, 'ready');
CREATE TABLE tickets (
    id   integer PRIMARY KEY,
    seen integer NOT NULL
);
INSERT INTO tickets
SELECT n, 0 FROM generate_series(1, 10000) AS n;

-- session A
\pset tuples_only on
\pset format unaligned
-- session B
\pset tuples_only on
\pset format unaligned

-- session A
-- --8<-- [start:dirty-read]
BEGIN;
UPDATE accounts SET balance = 0 WHERE id = 1;
-- session B
BEGIN ISOLATION LEVEL READ UNCOMMITTED;
SELECT balance FROM accounts WHERE id = 1;
COMMIT;
-- session A
ROLLBACK;
-- --8<-- [end:dirty-read]

-- --8<-- [start:non-repeatable-read]
BEGIN;
SELECT balance FROM accounts WHERE id = 1;
-- session B
UPDATE accounts SET balance = 70 WHERE id = 1;
-- session A
SELECT balance FROM accounts WHERE id = 1;
COMMIT;
-- Again, with one snapshot for the whole transaction:
BEGIN ISOLATION LEVEL REPEATABLE READ;
SELECT balance FROM accounts WHERE id = 1;
-- session B
UPDATE accounts SET balance = 100 WHERE id = 1;
-- session A
SELECT balance FROM accounts WHERE id = 1;
COMMIT;
-- --8<-- [end:non-repeatable-read]

-- --8<-- [start:phantom]
BEGIN;
SELECT count(*) FROM accounts WHERE owner = 'ann';
-- session B
INSERT INTO accounts VALUES (3, 'ann', 0);
-- session A
SELECT count(*) FROM accounts WHERE owner = 'ann';
COMMIT;
-- Again, with one snapshot for the whole transaction:
BEGIN ISOLATION LEVEL REPEATABLE READ;
SELECT count(*) FROM accounts WHERE owner = 'ann';
-- session B
INSERT INTO accounts VALUES (4, 'ann', 0);
-- session A
SELECT count(*) FROM accounts WHERE owner = 'ann';
COMMIT;
-- --8<-- [end:phantom]

-- --8<-- [start:lost-update]
-- A takes 10, B takes 20, both from the 100 that they read.
BEGIN;
SELECT balance FROM accounts WHERE id = 1;
-- session B
BEGIN;
SELECT balance FROM accounts WHERE id = 1;
-- session A
UPDATE accounts SET balance = 90 WHERE id = 1;
-- session B
UPDATE accounts SET balance = 80 WHERE id = 1;
-- session A
COMMIT;
-- session B
COMMIT;
SELECT balance FROM accounts WHERE id = 1;
-- --8<-- [end:lost-update]
UPDATE accounts SET balance = 100 WHERE id = 1;

-- session A
-- --8<-- [start:lost-update-refused]
BEGIN ISOLATION LEVEL REPEATABLE READ;
SELECT balance FROM accounts WHERE id = 1;
-- session B
BEGIN ISOLATION LEVEL REPEATABLE READ;
SELECT balance FROM accounts WHERE id = 1;
-- session A
UPDATE accounts SET balance = 90 WHERE id = 1;
-- session B
UPDATE accounts SET balance = 80 WHERE id = 1;
-- session A
COMMIT;
-- session B
\echo SQLSTATE :SQLSTATE
ROLLBACK;
SELECT balance FROM accounts WHERE id = 1;
-- --8<-- [end:lost-update-refused]
UPDATE accounts SET balance = 100 WHERE id = 1;

-- session A
-- --8<-- [start:for-update]
BEGIN;
SELECT balance FROM accounts WHERE id = 1 FOR UPDATE;
-- session B
BEGIN;
SELECT balance FROM accounts WHERE id = 1;
SELECT balance FROM accounts WHERE id = 1 FOR UPDATE;
-- session A
UPDATE accounts SET balance = 90 WHERE id = 1;
COMMIT;
-- session B
UPDATE accounts SET balance = 70 WHERE id = 1;
COMMIT;
-- --8<-- [end:for-update]
UPDATE accounts SET balance = 100 WHERE id = 1;

-- session A
-- --8<-- [start:recheck]
BEGIN;
UPDATE accounts SET balance = balance - 60 WHERE id = 1;
-- session B
UPDATE accounts SET balance = balance - 60
WHERE id = 1 AND balance >= 60;
-- session A
COMMIT;
-- --8<-- [end:recheck]
UPDATE accounts SET balance = 100 WHERE id = 1;

-- --8<-- [start:write-skew]
-- One must stay on call. Each sees two, each leaves.
BEGIN ISOLATION LEVEL REPEATABLE READ;
SELECT count(*) FROM doctors WHERE on_call;
-- session B
BEGIN ISOLATION LEVEL REPEATABLE READ;
SELECT count(*) FROM doctors WHERE on_call;
-- session A
UPDATE doctors SET on_call = false WHERE name = 'ada';
COMMIT;
-- session B
UPDATE doctors SET on_call = false WHERE name = 'ben';
COMMIT;
SELECT count(*) FROM doctors WHERE on_call;
-- --8<-- [end:write-skew]
UPDATE doctors SET on_call = true;

-- session A
-- --8<-- [start:write-skew-read-committed]
BEGIN;
SELECT count(*) FROM doctors WHERE on_call;
-- session B
BEGIN;
SELECT count(*) FROM doctors WHERE on_call;
-- session A
UPDATE doctors SET on_call = false WHERE name = 'ada';
COMMIT;
-- session B
UPDATE doctors SET on_call = false WHERE name = 'ben';
COMMIT;
SELECT count(*) FROM doctors WHERE on_call;
-- --8<-- [end:write-skew-read-committed]
UPDATE doctors SET on_call = true;

-- session A
-- --8<-- [start:write-skew-serializable]
BEGIN ISOLATION LEVEL SERIALIZABLE;
SELECT count(*) FROM doctors WHERE on_call;
-- session B
BEGIN ISOLATION LEVEL SERIALIZABLE;
SELECT count(*) FROM doctors WHERE on_call;
-- session A
UPDATE doctors SET on_call = false WHERE name = 'ada';
COMMIT;
-- session B
UPDATE doctors SET on_call = false WHERE name = 'ben';
\echo SQLSTATE :SQLSTATE
ROLLBACK;
SELECT count(*) FROM doctors WHERE on_call;
-- --8<-- [end:write-skew-serializable]

-- session A
-- B looks for a cycle after 10 ms of waiting, A after 10 s.
SET deadlock_timeout = '10s';
-- session B
SET deadlock_timeout = '10ms';
-- session A
-- --8<-- [start:deadlock]
BEGIN;
UPDATE accounts SET balance = balance - 5 WHERE id = 1;
-- session B
BEGIN;
UPDATE accounts SET balance = balance - 5 WHERE id = 2;
-- session A
UPDATE accounts SET balance = balance + 5 WHERE id = 2;
-- session B
UPDATE accounts SET balance = balance + 5 WHERE id = 1;
\echo SQLSTATE :SQLSTATE
ROLLBACK;
-- session A
COMMIT;
-- --8<-- [end:deadlock]

-- --8<-- [start:double-claim]
BEGIN;
UPDATE jobs SET state = 'taken' WHERE id = (
  SELECT id FROM jobs WHERE state = 'ready'
  ORDER BY id LIMIT 1
) RETURNING id;
-- session B
UPDATE jobs SET state = 'taken' WHERE id = (
  SELECT id FROM jobs WHERE state = 'ready'
  ORDER BY id LIMIT 1
) RETURNING id;
-- session A
COMMIT;
-- --8<-- [end:double-claim]
UPDATE jobs SET state = 'ready';

-- --8<-- [start:skip-locked]
BEGIN;
UPDATE jobs SET state = 'taken' WHERE id = (
  SELECT id FROM jobs WHERE state = 'ready'
  ORDER BY id LIMIT 1 FOR UPDATE SKIP LOCKED
) RETURNING id;
-- session B
BEGIN;
UPDATE jobs SET state = 'taken' WHERE id = (
  SELECT id FROM jobs WHERE state = 'ready'
  ORDER BY id LIMIT 1 FOR UPDATE SKIP LOCKED
) RETURNING id;
-- session A
COMMIT;
-- session B
-- This worker dies. Nobody has to clean up after it:
ROLLBACK;
SELECT id, state FROM jobs ORDER BY id;
-- --8<-- [end:skip-locked]

-- session A
-- --8<-- [start:nowait]
BEGIN;
SELECT id FROM jobs WHERE id = 2 FOR UPDATE;
-- session B
SELECT id FROM jobs WHERE id = 2 FOR UPDATE NOWAIT;
\echo SQLSTATE :SQLSTATE
-- session A
COMMIT;
-- --8<-- [end:nowait]

\pset tuples_only off
\pset format aligned
-- session B
\pset tuples_only off
\pset format aligned
-- session A
-- --8<-- [start:versions]
BEGIN;
CREATE TEMP TABLE old AS
SELECT ctid AS place, xmin AS maker
FROM accounts WHERE id = 2;
UPDATE accounts SET balance = 40 WHERE id = 2;
SELECT balance, a.ctid = place AS same_place,
  a.xmin = maker AS same_maker
FROM accounts AS a, old WHERE id = 2;
-- session B
SELECT balance, xmax <> 0 AS marked,
  pg_xact_status(xmax::text::xid8)
FROM accounts WHERE id = 2;
-- session A
ROLLBACK;
-- session B
SELECT balance, xmax <> 0 AS marked,
  pg_xact_status(xmax::text::xid8)
FROM accounts WHERE id = 2;
-- --8<-- [end:versions]

\pset tuples_only on
\pset format unaligned
-- session A
\pset tuples_only on
\pset format unaligned
-- --8<-- [start:old-snapshot]
BEGIN ISOLATION LEVEL REPEATABLE READ;
SELECT sum(seen) FROM tickets;
-- session B
CREATE TEMP TABLE size AS
SELECT pg_relation_size('tickets') AS before;
UPDATE tickets SET seen = seen + 1;
VACUUM tickets;
UPDATE tickets SET seen = seen + 1;
VACUUM tickets;
UPDATE tickets SET seen = seen + 1;
SELECT round(pg_relation_size('tickets') / before::numeric)
FROM size;
-- session A
SELECT sum(seen) FROM tickets;
COMMIT;
-- session B
VACUUM tickets;
UPDATE tickets SET seen = seen + 1;
SELECT round(pg_relation_size('tickets') / before::numeric)
FROM size;
-- --8<-- [end:old-snapshot]
