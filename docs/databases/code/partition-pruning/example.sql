SET max_parallel_workers_per_gather = 0;

-- The SQLSTATE and text of the error that a statement ends with.
CREATE FUNCTION refused(statement text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE statement;
    RETURN 'accepted';
EXCEPTION WHEN check_violation OR feature_not_supported THEN
    RETURN SQLSTATE || ' ' || SQLERRM;
END $$;

-- --8<-- [start:show]
CREATE TABLE orders (
    id        bigint GENERATED ALWAYS AS IDENTITY,
    tenant_id integer NOT NULL,
    placed_at date NOT NULL,
    PRIMARY KEY (id, placed_at)  -- has to contain the partition key
) PARTITION BY RANGE (placed_at);
CREATE INDEX ON orders (tenant_id);
CREATE TABLE orders_09 PARTITION OF orders
FOR VALUES FROM ('2026-09-01') TO ('2026-10-01');
CREATE TABLE orders_10 PARTITION OF orders
FOR VALUES FROM ('2026-10-01') TO ('2026-11-01');
CREATE TABLE orders_11 PARTITION OF orders
FOR VALUES FROM ('2026-11-01') TO ('2026-12-01');
INSERT INTO orders (tenant_id, placed_at)
SELECT n / 91, date '2026-09-01' + n % 91
FROM generate_series(0, 90999) AS n;
VACUUM (ANALYZE) orders;

\echo 'With the partition key: one partition'
EXPLAIN (COSTS OFF)
SELECT * FROM orders WHERE tenant_id = 7 AND placed_at = '2026-10-05';
\echo 'Without it: all of them'
EXPLAIN (COSTS OFF)
SELECT * FROM orders WHERE tenant_id = 7;
\echo 'A value that is known only when the plan runs: pruned then'
SET plan_cache_mode = force_generic_plan;
PREPARE of_day (date) AS
SELECT count(*) FROM orders WHERE tenant_id = 7 AND placed_at = $1;
EXPLAIN (COSTS OFF)
EXECUTE of_day ('2026-09-05');

\echo 'September leaves; no row is deleted'
ALTER TABLE orders DETACH PARTITION orders_09;
SELECT (SELECT count(*) FROM orders) AS orders,
       (SELECT count(*) FROM orders_09) AS orders_09;
\echo 'Refused'
SELECT refused($$INSERT INTO orders (tenant_id, placed_at)
                 VALUES (7, '2026-12-01')$$) AS no_partition;
SELECT refused('ALTER TABLE orders ADD UNIQUE (id)') AS unique_id;
-- --8<-- [end:show]
