-- What a deep page costs: 20000 orders, newest first, 20 a page, page 501.
SET TIME ZONE 'UTC';
\pset format unaligned
\pset tuples_only on

CREATE TABLE orders (
    id         bigint PRIMARY KEY,
    created_at timestamptz NOT NULL,
    status     text NOT NULL,
    cents      integer NOT NULL
);
INSERT INTO orders -- two orders share each second, one in 50 is held
SELECT n, timestamptz '2026-11-20 00:00:00Z' + n / 2 * interval '1 second',
       CASE WHEN n % 50 = 0 THEN 'held' ELSE 'paid' END, 1000 + n
FROM generate_series(1, 20000) AS n;

-- --8<-- [start:show]
CREATE INDEX orders_by_time ON orders (created_at, id);
ANALYZE orders;

SELECT '1. OFFSET: reads 10020 rows, throws 10000 away';
EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF, SUMMARY OFF, BUFFERS OFF)
SELECT id, created_at, cents FROM orders
ORDER BY created_at DESC, id DESC
LIMIT 20 OFFSET 10000;

SELECT E'\n2. Row values: starts at the position; a 21st row says that more follow';
EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF, SUMMARY OFF, BUFFERS OFF)
SELECT id, created_at, cents FROM orders
WHERE (created_at, id) < ('2026-11-20 01:23:20Z', 10001)
ORDER BY created_at DESC, id DESC
LIMIT 21;

SELECT E'\n3. The same written with OR: a filter, which reads its way there again';
EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF, SUMMARY OFF, BUFFERS OFF)
SELECT id, created_at, cents FROM orders
WHERE created_at < '2026-11-20 01:23:20Z'
   OR (created_at = '2026-11-20 01:23:20Z' AND id < 10001)
ORDER BY created_at DESC, id DESC
LIMIT 21;

SELECT E'\n4. A filter beside row values: 49 of 50 rows are read in vain';
EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF, SUMMARY OFF, BUFFERS OFF)
SELECT id, created_at, cents FROM orders
WHERE status = 'held' AND (created_at, id) < ('2026-11-20 01:23:20Z', 10001)
ORDER BY created_at DESC, id DESC
LIMIT 21;

CREATE INDEX orders_by_status ON orders (status, created_at, id);
SELECT E'\n5. With an index that has the filter first';
EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF, SUMMARY OFF, BUFFERS OFF)
SELECT id, created_at, cents FROM orders
WHERE status = 'held' AND (created_at, id) < ('2026-11-20 01:23:20Z', 10001)
ORDER BY created_at DESC, id DESC
LIMIT 21;
-- --8<-- [end:show]

SELECT E'\n6. Rows of 1 that are not among the first 20 of 2';
SELECT count(*) FROM (
    (SELECT id FROM orders ORDER BY created_at DESC, id DESC LIMIT 20 OFFSET 10000)
    EXCEPT
    (SELECT id FROM orders WHERE (created_at, id) < ('2026-11-20 01:23:20Z', 10001)
     ORDER BY created_at DESC, id DESC LIMIT 20)
) AS different;
