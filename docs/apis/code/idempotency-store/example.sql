-- Idempotency keys in PostgreSQL: the table is the lock, the fence and the answer.
-- Times are parameters here, so that the output repeats; in service pass now().
\pset format unaligned
\pset fieldsep ' | '
\pset null none

CREATE TABLE charges (
    id     integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    caller text NOT NULL,
    cents  integer NOT NULL CHECK (cents > 0)
);

-- --8<-- [start:show]
CREATE TABLE idempotency_keys (
    caller      text NOT NULL,         -- a key is good for one caller only
    key         text NOT NULL CHECK (length(key) BETWEEN 1 AND 255),
    fingerprint bytea NOT NULL,        -- hash of method, path and body
    owner       text NOT NULL,         -- one attempt; a UUID in service
    expires_at  timestamptz NOT NULL,  -- end of the lease, or of the answer
    status      integer,               -- NULL while the work runs
    headers     json,
    body        bytea,
    PRIMARY KEY (caller, key)
);

-- Of any number of sessions one gets a row. Commit at once: an open transaction
-- would make the others wait instead of telling them 409.
PREPARE claim (text, text, bytea, text, timestamptz) AS
INSERT INTO idempotency_keys (caller, key, fingerprint, owner, expires_at)
VALUES ($1, $2, $3, $4, $5 + interval '30 seconds')
ON CONFLICT (caller, key) DO NOTHING
RETURNING owner AS claimed_by;

-- No row claimed: the lease or the answer may be over. The first to update wins,
-- as the others then find an expires_at that lies ahead.
PREPARE take_over (text, text, bytea, text, timestamptz) AS
UPDATE idempotency_keys
SET fingerprint = $3, owner = $4, expires_at = $5 + interval '30 seconds',
    status = NULL, headers = NULL, body = NULL
WHERE caller = $1 AND key = $2 AND expires_at <= $5
RETURNING owner AS taken_over_by;

-- No row taken over: tell what is there.
PREPARE answer (text, text, bytea) AS
SELECT CASE WHEN fingerprint = $3 THEN coalesce(status, 409) ELSE 422 END AS status,
       CASE WHEN fingerprint = $3 THEN headers END AS headers,
       CASE WHEN fingerprint = $3 THEN convert_from(body, 'UTF8') END AS body
FROM idempotency_keys WHERE caller = $1 AND key = $2;

-- Effect and answer are one statement, done only while the claim is still ours.
PREPARE charge (text, text, text, integer, timestamptz) AS
WITH mine AS (
    SELECT caller FROM idempotency_keys
    WHERE caller = $1 AND key = $2 AND owner = $3 AND status IS NULL
    FOR UPDATE  -- nobody takes over in between
), charged AS (
    INSERT INTO charges (caller, cents) SELECT caller, $4 FROM mine RETURNING *
)
UPDATE idempotency_keys AS held
SET status = 201, expires_at = $5 + interval '1 day',
    headers = json_build_object('Location', '/charges/' || id),
    body = convert_to(format('{"id":%s,"cents":%s}', id, cents), 'UTF8')
FROM charged
WHERE held.caller = $1 AND held.key = $2 AND held.owner = $3
RETURNING status, headers, convert_from(body, 'UTF8') AS body;

-- A 5xx instead of an effect: free the key for the retry.
PREPARE release (text, text, text, timestamptz) AS
UPDATE idempotency_keys SET expires_at = $4
WHERE caller = $1 AND key = $2 AND owner = $3 AND status IS NULL
RETURNING owner AS released_by;
-- --8<-- [end:show]

\set hash 'sha256(\'{"cents":1999}\')'
\set other 'sha256(\'{"cents":9999}\')'

\echo '1. First request: claim, then charge'
EXECUTE claim ('ada', 'k-1', :hash, 'a-1', '2026-11-20 10:00:00+00');
EXECUTE charge ('ada', 'k-1', 'a-1', 1999, '2026-11-20 10:00:01+00');

\echo
\echo '2. Its retry: nothing to claim or to take over, so the stored answer'
EXECUTE claim ('ada', 'k-1', :hash, 'a-2', '2026-11-20 10:00:02+00');
EXECUTE take_over ('ada', 'k-1', :hash, 'a-2', '2026-11-20 10:00:02+00');
EXECUTE answer ('ada', 'k-1', :hash);

\echo
\echo '3. The same key with another amount'
EXECUTE answer ('ada', 'k-1', :other);

\echo
\echo '4. The same key of another caller: a claim of its own'
EXECUTE claim ('ben', 'k-1', :hash, 'b-1', '2026-11-20 10:00:03+00');
EXECUTE charge ('ben', 'k-1', 'b-1', 1999, '2026-11-20 10:00:04+00');

\echo
\echo '5. While the first runs, an identical request'
EXECUTE claim ('ada', 'k-2', :hash, 'a-3', '2026-11-20 10:01:00+00');
EXECUTE claim ('ada', 'k-2', :hash, 'a-4', '2026-11-20 10:01:29+00');
EXECUTE take_over ('ada', 'k-2', :hash, 'a-4', '2026-11-20 10:01:29+00');
EXECUTE answer ('ada', 'k-2', :hash);

\echo
\echo '6. a-3 froze. After 30 seconds two retries compete for its claim'
EXECUTE take_over ('ada', 'k-2', :hash, 'a-5', '2026-11-20 10:01:30+00');
EXECUTE take_over ('ada', 'k-2', :hash, 'a-6', '2026-11-20 10:01:30+00');

\echo
\echo '7. a-3 goes on, but may not charge any more; a-5 may'
EXECUTE charge ('ada', 'k-2', 'a-3', 1999, '2026-11-20 10:01:31+00');
EXECUTE charge ('ada', 'k-2', 'a-5', 1999, '2026-11-20 10:01:31+00');

\echo
\echo '8. The card network is down: the retry need not wait for the lease'
EXECUTE claim ('ada', 'k-3', :hash, 'a-7', '2026-11-20 10:02:00+00');
EXECUTE release ('ada', 'k-3', 'a-7', '2026-11-20 10:02:01+00');
EXECUTE take_over ('ada', 'k-3', :hash, 'a-8', '2026-11-20 10:02:02+00');
EXECUTE charge ('ada', 'k-3', 'a-8', 1999, '2026-11-20 10:02:03+00');

\echo
\echo '9. One charge for each of the four requests'
SELECT id, caller, cents FROM charges ORDER BY id;
