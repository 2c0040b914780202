-- 20,000 customers and 100,000 orders: slow queries, and what made them fast.
SET TIME ZONE 'UTC';
SET max_parallel_workers_per_gather = 0;
SET default_statistics_target = 400; -- ANALYZE reads every row: always the same plans
\pset format unaligned
\pset tuples_only on

CREATE TABLE customers (
    id       integer PRIMARY KEY,
    country  text NOT NULL,
    currency text NOT NULL,
    region   text NOT NULL,
    city     text NOT NULL
);
INSERT INTO customers -- one in five lives in the capital: one country, currency, region
SELECT n, CASE WHEN n % 5 = 0 THEN 'C0' ELSE 'C' || n % 4 + 1 END,
       CASE WHEN n % 5 = 0 THEN 'M0' ELSE 'M' || n % 4 + 1 END,
       CASE WHEN n % 5 = 0 THEN 'R0' ELSE 'R' || n % 40 + 1 END,
       CASE WHEN n % 5 = 0 THEN 'Capital' ELSE 'T' || n % 400 + 1 END
FROM generate_series(1, 20000) AS n;
CREATE TABLE orders (
    id          integer PRIMARY KEY,
    customer_id integer NOT NULL REFERENCES customers,
    status      text NOT NULL,
    cents       integer NOT NULL,
    placed_at   timestamptz NOT NULL,
    note        text NOT NULL
);
INSERT INTO orders -- five for each customer, far apart; only the last 2,000 are open
SELECT n, n * 7919 % 20000 + 1, CASE WHEN n > 98000 THEN 'open' ELSE 'done' END,
       500 + n % 9000, timestamptz '2026-01-01 00:00:00Z' + n * interval '4 minutes',
       repeat('.', 60)
FROM generate_series(1, 100000) AS n;
CREATE INDEX orders_customer ON orders (customer_id);
VACUUM (ANALYZE) customers, orders;

-- One line for each node of a plan, deeper ones indented.
CREATE FUNCTION nodes(node jsonb, depth integer) RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE
    below jsonb;
BEGIN
    RETURN NEXT rpad(repeat('  ', depth) || (node ->> 'Node Type')
            || coalesce(' on ' || (node ->> 'Relation Name'), ''), 38)
        || lpad(node ->> 'Plan Rows', 9)
        || lpad((node ->> 'Actual Rows')::numeric::integer::text, 9)
        || lpad(node ->> 'Actual Loops', 8)
        || lpad(coalesce(node ->> 'Rows Removed by Filter', '-'), 10);
    FOR below IN SELECT jsonb_array_elements(node -> 'Plans') LOOP
        RETURN QUERY SELECT nodes(below, depth + 1);
    END LOOP;
END $$;
CREATE FUNCTION plan(title text, query text) RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE
    top jsonb; pages integer;
BEGIN
    EXECUTE 'EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) ' || query INTO top;
    top := top -> 0 -> 'Plan';
    pages := (top ->> 'Shared Hit Blocks')::integer + (top ->> 'Shared Read Blocks')::integer;
    RETURN NEXT rpad(title, 38) || 'estimated   actual   loops   removed';
    RETURN QUERY SELECT nodes(top, 0);
    RETURN NEXT format(E'pages: %s\n', CASE
        WHEN pages < 10 THEN 'fewer than 10' WHEN pages < 100 THEN 'fewer than 100'
        WHEN pages < 1000 THEN 'fewer than 1000' WHEN pages < 2000 THEN 'fewer than 2000'
        WHEN pages < 20000 THEN 'fewer than 20000' ELSE 'more than 20000' END);
END $$;

\echo '# --8<-- [start:estimates]'
-- --8<-- [start:show]
SELECT plan('Four columns that say one thing', $$
    SELECT sum(o.cents)
    FROM customers AS c JOIN orders AS o ON o.customer_id = c.id
    WHERE c.country = 'C0' AND c.currency = 'M0'
      AND c.region = 'R0' AND c.city = 'Capital'$$);

CREATE STATISTICS customers_place (dependencies, mcv)
    ON country, currency, region, city FROM customers;
ANALYZE customers;

SELECT plan('The same, with statistics on all four', $$
    SELECT sum(o.cents)
    FROM customers AS c JOIN orders AS o ON o.customer_id = c.id
    WHERE c.country = 'C0' AND c.currency = 'M0'
      AND c.region = 'R0' AND c.city = 'Capital'$$);

SELECT plan('LIMIT, and the matches are at the end', $$
    SELECT * FROM orders WHERE status = 'open' ORDER BY id LIMIT 10$$);

CREATE INDEX orders_status ON orders (status, id);
SELECT plan('The same, index on (status, id)', $$
    SELECT * FROM orders WHERE status = 'open' ORDER BY id LIMIT 10$$);
-- --8<-- [end:show]
\echo '# --8<-- [end:estimates]'

\echo '# --8<-- [start:joins]'
SELECT plan('One customer', $$
    SELECT c.city, o.cents FROM customers AS c JOIN orders AS o ON o.customer_id = c.id
    WHERE c.id = 42$$);
SELECT plan('All customers, any order', $$
    SELECT c.city, o.cents FROM customers AS c JOIN orders AS o ON o.customer_id = c.id$$);
SELECT plan('All customers, by customer, first 20', $$
    SELECT c.city, o.cents FROM customers AS c JOIN orders AS o ON o.customer_id = c.id
    ORDER BY c.id LIMIT 20$$);
\echo '# --8<-- [end:joins]'

\echo '# --8<-- [start:deep]'
SELECT plan('OFFSET 90000', $$
    SELECT id, cents FROM orders ORDER BY id LIMIT 20 OFFSET 90000$$);
SELECT plan('Keyset: id > 90000', $$
    SELECT id, cents FROM orders WHERE id > 90000 ORDER BY id LIMIT 20$$);
\echo '# --8<-- [end:deep]'

\echo '# --8<-- [start:view]'
-- --8<-- [start:report]
SELECT plan('Revenue per day, computed', $$
    SELECT date_trunc('day', placed_at), sum(cents) FROM orders GROUP BY 1$$);

CREATE MATERIALIZED VIEW revenue AS
SELECT date_trunc('day', placed_at) AS day, sum(cents) AS cents
FROM orders GROUP BY 1;
CREATE UNIQUE INDEX revenue_day ON revenue (day); -- CONCURRENTLY needs one
ANALYZE revenue;
SELECT plan('Revenue per day, stored', 'SELECT day, cents FROM revenue');

INSERT INTO orders VALUES (100001, 42, 'open', 999, '2026-11-21 12:00:00Z', '');
SELECT 'days after noon''s order: ' || count(*) || ', the new one: '
    || count(*) FILTER (WHERE day = '2026-11-21') FROM revenue;
REFRESH MATERIALIZED VIEW CONCURRENTLY revenue;
SELECT 'days after the refresh:   ' || count(*) || ', the new one: '
    || count(*) FILTER (WHERE day = '2026-11-21') FROM revenue;
-- --8<-- [end:report]
\echo '# --8<-- [end:view]'

\echo '# --8<-- [start:screen]'
-- --8<-- [start:one-document]
SELECT jsonb_pretty(jsonb_build_object(
    'customer', c.id, 'city', c.city, 'orders', o.list))
FROM customers AS c
CROSS JOIN LATERAL (
    SELECT coalesce(
        jsonb_agg(to_jsonb(newest) ORDER BY newest.id DESC), '[]') AS list
    FROM (
        SELECT id, cents FROM orders
        WHERE customer_id = c.id ORDER BY id DESC LIMIT 2
    ) AS newest
) AS o
WHERE c.id = 42;
-- --8<-- [end:one-document]
\echo '# --8<-- [end:screen]'
