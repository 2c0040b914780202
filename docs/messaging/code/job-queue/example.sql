-- A queue in a table, with real time; two workers, then two schedulers.
-- --8<-- [start:show]
CREATE TABLE jobs (
    id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    kind         text NOT NULL,
    payload      jsonb NOT NULL,  -- ids and a version number, no secrets
    unique_key   text UNIQUE,     -- names a scheduled tick
    priority     int NOT NULL DEFAULT 0,
    state        text NOT NULL DEFAULT 'queued' CHECK (state IN
                 ('queued', 'active', 'retrying', 'completed', 'dead')),
    run_at       timestamptz NOT NULL DEFAULT now(),
    attempts     int NOT NULL DEFAULT 0,
    max_attempts int NOT NULL DEFAULT 3,
    leased_until timestamptz,
    last_error   text
);
CREATE INDEX jobs_due ON jobs (priority DESC, run_at, id)
    WHERE state IN ('queued', 'retrying');

CREATE FUNCTION claim(lease interval) RETURNS SETOF jobs
BEGIN ATOMIC
    UPDATE jobs SET state = 'active', attempts = attempts + 1,
                    leased_until = now() + lease
    WHERE id = (
        SELECT id FROM jobs
        WHERE state IN ('queued', 'retrying') AND run_at <= now()
        ORDER BY priority DESC, run_at, id
        LIMIT 1 FOR UPDATE SKIP LOCKED
    ) RETURNING *;
END;

-- Every few seconds, by any worker: expired leases go back, or are dead.
CREATE FUNCTION reap() RETURNS SETOF jobs
BEGIN ATOMIC
    UPDATE jobs SET run_at = now(), last_error = 'lease expired',
        state = CASE WHEN attempts < max_attempts
                     THEN 'retrying' ELSE 'dead' END
    WHERE state = 'active' AND leased_until <= now() RETURNING *;
END;
-- --8<-- [end:show]
INSERT INTO jobs (kind, payload) VALUES
    ('receipt', '{"v": 1, "order": 17}'),
    ('receipt', '{"v": 1, "order": 18}');

-- session A
\pset tuples_only on
\pset format unaligned
-- session B
\pset tuples_only on
\pset format unaligned

-- session A
-- --8<-- [start:lease]
BEGIN;
SELECT id, attempts FROM claim('30 s');
-- session B
SELECT id, attempts FROM claim('30 s');
-- session A
COMMIT;
-- A is silent for longer than its lease:
-- session B
UPDATE jobs SET leased_until = now() WHERE id = 1;
SELECT id, state FROM reap();
SELECT id, attempts FROM claim('30 s');
-- session A
-- A wakes up and reports attempt 1; then B, attempt 2:
UPDATE jobs SET state = 'completed' WHERE id = 1
  AND attempts = 1 AND state = 'active';
-- session B
UPDATE jobs SET state = 'completed' WHERE id = 1
  AND attempts = 2 AND state = 'active';
-- --8<-- [end:lease]

-- session A
-- --8<-- [start:tick]
BEGIN;
INSERT INTO jobs (kind, payload, unique_key)
  VALUES ('report', '{"v": 1}', 'report 2026-11-21')
  ON CONFLICT (unique_key) DO NOTHING;
-- session B
INSERT INTO jobs (kind, payload, unique_key)
  VALUES ('report', '{"v": 1}', 'report 2026-11-21')
  ON CONFLICT (unique_key) DO NOTHING;
-- session A
COMMIT;
SELECT id, kind, state FROM jobs ORDER BY id;
-- --8<-- [end:tick]
