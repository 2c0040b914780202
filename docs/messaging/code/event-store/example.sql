-- An event store, two sessions that race, a projection and a snapshot.
-- --8<-- [start:show]
CREATE TABLE events (
    position bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, -- for readers
    stream   text        NOT NULL,
    version  integer     NOT NULL CHECK (version > 0),        -- for writers
    type     text        NOT NULL,
    schema   integer     NOT NULL DEFAULT 1, -- the shape of data
    at       timestamptz NOT NULL DEFAULT clock_timestamp(),
    data     jsonb       NOT NULL,
    CONSTRAINT one_writer UNIQUE (stream, version)
);

-- The caller says which version it has read. Nobody else may have written since.
CREATE FUNCTION append(of text, expected integer, kind text, cents integer)
RETURNS integer LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(1); -- positions in the order of commits
    INSERT INTO events (stream, version, type, data)
    VALUES (of, expected + 1, kind, jsonb_build_object('cents', cents));
    RETURN expected + 1;
END $$;

CREATE FUNCTION signed(e events) RETURNS integer LANGUAGE sql IMMUTABLE AS $$
    SELECT (e.data ->> 'cents')::integer
         * CASE e.type WHEN 'Withdrawn' THEN -1 ELSE 1 END
$$;

CREATE TABLE balances (account text PRIMARY KEY, cents integer NOT NULL);
CREATE TABLE checkpoints (name text PRIMARY KEY, position bigint NOT NULL);

-- Rows and checkpoint move in one transaction; the row lock lets one projector in.
CREATE FUNCTION project() RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    done   bigint;
    newest bigint;
    fresh  bigint;
BEGIN
    SELECT position INTO done FROM checkpoints
    WHERE name = 'balances' FOR UPDATE;
    SELECT max(position), count(*) INTO newest, fresh
    FROM events WHERE position > done;
    INSERT INTO balances SELECT e.stream, sum(signed(e)) FROM events AS e
    WHERE position > done AND position <= newest GROUP BY stream
    ON CONFLICT (account) DO UPDATE SET cents = balances.cents + excluded.cents;
    UPDATE checkpoints SET position = coalesce(newest, done)
    WHERE name = 'balances';
    RETURN fresh;
END $$;
-- --8<-- [end:show]
CREATE TABLE snapshots (
    stream  text    NOT NULL,
    version integer NOT NULL,
    cents   integer NOT NULL,
    PRIMARY KEY (stream, version)
);
INSERT INTO checkpoints VALUES ('balances', 0);

-- session A
\pset tuples_only on
\pset format unaligned
-- session B
\pset tuples_only on
\pset format unaligned

-- session A
-- --8<-- [start:race]
SELECT append('acc-1', 0, 'Deposited', 10000);
-- Both read version 1: 100.00 on the account.
-- Both allow a withdrawal.
BEGIN;
SELECT append('acc-1', 1, 'Withdrawn', 7000);
-- session B
SELECT append('acc-1', 1, 'Withdrawn', 6000);
-- session A
COMMIT;
-- session B
\echo :SQLSTATE
-- It reads again: 30.00 at version 2, so it refuses.
SELECT max(version), sum(signed(e)) FROM events AS e
WHERE stream = 'acc-1';
-- --8<-- [end:race]

-- session A
-- --8<-- [start:projection]
SELECT append('acc-2', 0, 'Deposited', 500);
SELECT project();
SELECT append('acc-1', 2, 'Deposited', 2000);
SELECT project(), project();
SELECT * FROM balances ORDER BY account;
-- Rebuild from zero: the same rows?
CREATE TEMP TABLE before AS TABLE balances;
BEGIN;
UPDATE checkpoints SET position = 0 WHERE name = 'balances';
TRUNCATE balances;
SELECT project();
COMMIT;
SELECT count(*) FROM before NATURAL JOIN balances;
-- --8<-- [end:projection]
-- --8<-- [start:snapshot]
INSERT INTO snapshots
SELECT stream, max(version), sum(signed(e))
FROM events AS e WHERE stream = 'acc-1' AND version <= 2
GROUP BY stream;
SELECT append('acc-1', 3, 'Withdrawn', 100);
-- Snapshot and tail, then the full replay.
SELECT s.cents + sum(signed(e)), count(*)
FROM snapshots AS s JOIN events AS e USING (stream)
WHERE stream = 'acc-1' AND e.version > s.version
GROUP BY s.cents;
SELECT sum(signed(e)), count(*) FROM events AS e
WHERE stream = 'acc-1';
-- --8<-- [end:snapshot]
