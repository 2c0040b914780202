CREATE TABLE outbox (
    id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    key          text NOT NULL,
    event        text NOT NULL,
    published_at timestamptz
);
INSERT INTO outbox (key, event) VALUES
    ('order-7', 'placed'), ('order-7', 'cancelled'), ('order-8', 'placed');

-- session A
-- --8<-- [start:skip]
-- Each relay takes what the other has not locked.
BEGIN;
SELECT id, key, event FROM outbox
WHERE published_at IS NULL
ORDER BY id LIMIT 1 FOR UPDATE SKIP LOCKED;
-- session B
BEGIN;
SELECT id, key, event FROM outbox
WHERE published_at IS NULL
ORDER BY id LIMIT 1 FOR UPDATE SKIP LOCKED;
-- B is faster: order-7 is cancelled before it exists.
UPDATE outbox SET published_at = now() WHERE id = 2;
COMMIT;
-- session A
-- A dies; 'placed' goes out even later.
ROLLBACK;
-- --8<-- [end:skip]
-- --8<-- [start:one]
-- Now a relay must get the lock first.
BEGIN;
SELECT pg_try_advisory_xact_lock(4711) AS mine;
SELECT id, key, event FROM outbox
WHERE published_at IS NULL ORDER BY id LIMIT 10;
-- session B
BEGIN;
SELECT pg_try_advisory_xact_lock(4711) AS mine;
ROLLBACK;
-- session A
UPDATE outbox SET published_at = now() WHERE id IN (1, 3);
COMMIT;
-- session B
-- The lock ends with A's transaction, or with A.
SELECT pg_try_advisory_xact_lock(4711) AS mine;
-- --8<-- [end:one]
