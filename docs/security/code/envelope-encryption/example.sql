-- What the application hands over: sealed fields, wrapped keys, keyed hashes.
CREATE TABLE people (
    id          bigint PRIMARY KEY,
    email       bytea,           -- nonce, ciphertext, tag
    email_index bytea UNIQUE,    -- HMAC of the normalized address
    created     date NOT NULL
);
CREATE TABLE person_keys (       -- kept and backed up apart, for days only
    person_id   bigint PRIMARY KEY,
    kek_version integer NOT NULL,
    wrapped     bytea NOT NULL
);
CREATE TABLE erasures (          -- replayed after every restore
    person_id   bigint PRIMARY KEY,
    erased      date NOT NULL
);
CREATE TABLE access_log (id bigint PRIMARY KEY, person_id bigint, at date NOT NULL);
CREATE INDEX ON access_log (at);
INSERT INTO people VALUES
    (1, '\x9ddb5ed1238c', '\xa1a1a1', '2025-03-01'),
    (2, '\x0c44f7be90aa', '\xb2b2b2', '2025-04-01');
INSERT INTO person_keys VALUES (1, 1, '\x1111'), (2, 1, '\x2222');
INSERT INTO access_log
SELECT n, 1 + n % 2, date '2026-01-01' - n * 45 FROM generate_series(1, 6) AS n;

-- --8<-- [start:show]
\echo 'Lookup: the application sends the keyed hash, never the address'
PREPARE by_email(bytea) AS SELECT id, email FROM people WHERE email_index = $1;
EXECUTE by_email('\xa1a1a1');

\echo 'Rotation: only a row that still has the version that was unwrapped'
PREPARE rewrap(bigint, integer, bytea) AS
    UPDATE person_keys SET kek_version = kek_version + 1, wrapped = $3
    WHERE person_id = $1 AND kek_version = $2;
EXECUTE rewrap(2, 1, '\x2323');
EXECUTE rewrap(2, 1, '\x9999');
SELECT person_id, kek_version, wrapped FROM person_keys ORDER BY person_id;

\echo 'Erasure: one transaction, and a note to be replayed after a restore'
BEGIN;
DELETE FROM person_keys WHERE person_id = 1;
UPDATE people SET email = NULL, email_index = NULL WHERE id = 1;
UPDATE access_log SET person_id = NULL WHERE person_id = 1;
INSERT INTO erasures VALUES (1, '2026-01-01');
COMMIT;
SELECT id, email, wrapped FROM people LEFT JOIN person_keys ON person_id = id
ORDER BY id;

\echo 'Retention: batches of two, until one meets no row'
PREPARE forget(date, integer) AS
    DELETE FROM access_log WHERE id IN (
        SELECT id FROM access_log WHERE at < $1
        ORDER BY at LIMIT $2 FOR UPDATE SKIP LOCKED);
EXECUTE forget('2025-10-03', 2);
\echo '  deleted:' :ROW_COUNT
EXECUTE forget('2025-10-03', 2);
\echo '  deleted:' :ROW_COUNT
EXECUTE forget('2025-10-03', 2);
\echo '  deleted:' :ROW_COUNT
SELECT count(*) AS left, min(at) AS oldest FROM access_log;
-- --8<-- [end:show]
