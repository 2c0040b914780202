-- 100,000 orders: which index serves which condition, and what has to be read.
SET TIME ZONE 'UTC';
SET max_parallel_workers_per_gather = 0;
SET default_statistics_target = 400; -- ANALYZE reads every row: always the same plans
\pset format unaligned
\pset tuples_only on

CREATE TABLE orders (
    id          integer PRIMARY KEY,
    code        text NOT NULL UNIQUE,
    customer_id integer NOT NULL,
    status      text NOT NULL,
    email       text NOT NULL,
    cents       integer NOT NULL,
    placed_at   timestamptz NOT NULL,
    tags        jsonb NOT NULL
);
INSERT INTO orders -- 5,000 customers, 20 orders each, far apart; one in 50 is open
SELECT n, 'A' || n, n * 7919 % 5000, CASE WHEN n % 50 = 0 THEN 'open' ELSE 'done' END,
       'User' || n * 7919 % 5000 || '@shop.test', 500 + n % 9000,
       timestamptz '2026-01-01 00:00:00Z' + n * interval '4 minutes',
       jsonb_build_object('gift', n % 500 = 0, 'country', 'C' || n % 40)
FROM generate_series(1, 100000) AS n;
VACUUM (ANALYZE) orders;

-- Run a query; tell how its rows were found, how many were looked at, and pages.
CREATE FUNCTION look(condition text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    top jsonb; node jsonb; pages integer; sorted text = '';
BEGIN
    EXECUTE 'EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) SELECT * FROM orders WHERE '
        || condition INTO top;
    top := top -> 0 -> 'Plan';
    pages := (top ->> 'Shared Hit Blocks')::integer + (top ->> 'Shared Read Blocks')::integer;
    node := top;
    WHILE node ->> 'Node Type' NOT LIKE '%Scan' LOOP
        IF node ->> 'Node Type' = 'Sort' THEN sorted := ', Sort'; END IF;
        node := node -> 'Plans' -> 0;
    END LOOP;
    RETURN format('  %s%s%s%s',
        rpad(condition, 44),
        rpad(replace(node ->> 'Node Type', 'Bitmap Heap', 'Bitmap') || sorted, 14),
        lpad(((node ->> 'Actual Rows')::numeric
            + coalesce((node ->> 'Rows Removed by Filter')::numeric, 0)
            + coalesce((node ->> 'Rows Removed by Index Recheck')::numeric, 0)
        )::integer::text, 7),
        lpad(CASE WHEN pages < 10 THEN '< 10' WHEN pages < 100 THEN '< 100'
            WHEN pages < 1000 THEN '< 1000' ELSE '> 1000' END, 9));
END $$;

\echo '# --8<-- [start:plans]'
\echo '1. The last 3 orders of a customer, no index'
EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF, SUMMARY OFF, BUFFERS OFF)
SELECT * FROM orders WHERE customer_id = 42 ORDER BY placed_at DESC LIMIT 3;

CREATE INDEX by_customer ON orders (customer_id, placed_at);
\echo '\n2. The same, with an index on (customer_id, placed_at)'
EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF, SUMMARY OFF, BUFFERS OFF)
SELECT * FROM orders WHERE customer_id = 42 ORDER BY placed_at DESC LIMIT 3;

CREATE INDEX covering ON orders (customer_id) INCLUDE (cents);
\echo '\n3. A sum, with an index on (customer_id) INCLUDE (cents)'
EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF, SUMMARY OFF, BUFFERS OFF)
SELECT sum(cents) FROM orders WHERE customer_id = 42;

UPDATE orders SET tags = '{}' WHERE customer_id = 42 AND id < 50000;
\echo '\n4. The same after an UPDATE of ten of the rows, before the next VACUUM'
EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF, SUMMARY OFF, BUFFERS OFF)
SELECT sum(cents) FROM orders WHERE customer_id = 42;
\echo '# --8<-- [end:plans]'

DROP INDEX by_customer, covering;
VACUUM orders;
\echo '# --8<-- [start:table]'
\echo 'SELECT * FROM orders WHERE ...               found by      looked at    pages'
-- --8<-- [start:show]
SELECT look($$code = 'A70000'$$);
SELECT look('customer_id = 42');

\echo '(customer_id, placed_at)'
CREATE INDEX by_customer ON orders (customer_id, placed_at);
SELECT look('customer_id = 42');
SELECT look('customer_id = 42 ORDER BY placed_at LIMIT 3');
SELECT look($$placed_at < '2026-01-02'$$); -- the second column alone

\echo '(status, placed_at)'
CREATE INDEX by_status ON orders (status, placed_at);
SELECT look($$placed_at < '2026-01-02'$$); -- two statuses: a skip scan
SELECT look($$status = 'done'$$);
SELECT look($$status = 'open'$$); -- few rows, but some on every page
DROP INDEX by_status;

\echo 'conditions that hide the column'
SELECT look($$code LIKE '%70000'$$);
SELECT look('id = 42.0'); -- numeric: the column is cast
SELECT look($$placed_at::date = '2026-01-02'$$);

\echo '(placed_at) WHERE open, (lower(email)), GIN (tags), BRIN (placed_at)'
CREATE INDEX open_orders ON orders (placed_at) WHERE status = 'open';
SELECT look($$status = 'open' ORDER BY placed_at LIMIT 3$$);
CREATE INDEX by_email ON orders (lower(email));
ANALYZE orders; -- an expression has statistics of its own
SELECT look($$lower(email) = 'user42@shop.test'$$);
CREATE INDEX by_tags ON orders USING gin (tags jsonb_path_ops);
SELECT look($$tags @> '{"gift": true}'$$);
CREATE INDEX by_block ON orders USING brin (placed_at);
SELECT look($$placed_at < '2026-01-02'$$);
-- --8<-- [end:show]
\echo '# --8<-- [end:table]'


-- What interview notes print: a UNIQUE column, and two more indexes on it.
CREATE TABLE users (
    id    integer PRIMARY KEY,
    email text NOT NULL UNIQUE,
    name  text NOT NULL
);
CREATE INDEX idx_users_email ON users (email);
CREATE INDEX idx_users_name_email ON users (name, email);
CREATE UNIQUE INDEX idx_users_email_unique ON users (email);
CREATE INDEX idx_users_name ON users (name);

\echo '# --8<-- [start:redundant]'
SELECT format('%s: served by %s',
              s.indexrelid::regclass, min(l.indexrelid)::regclass)
FROM pg_index AS s -- the shorter one
JOIN pg_index AS l -- a longer one, or its equal
    ON l.indrelid = s.indrelid AND l.indexrelid <> s.indexrelid
JOIN pg_class AS sc ON sc.oid = s.indexrelid
JOIN pg_class AS lc ON lc.oid = l.indexrelid AND lc.relam = sc.relam
JOIN pg_am AS am ON am.oid = sc.relam AND am.amname = 'btree'
WHERE s.indrelid = 'users'::regclass AND l.indisvalid
  AND l.indkey::text || ' ' LIKE s.indkey::text || ' %' -- the same first columns,
  AND l.indclass::text || ' ' LIKE s.indclass::text || ' %' -- compared alike,
  AND l.indcollation::text || ' ' LIKE s.indcollation::text || ' %'
  AND l.indoption::text || ' ' LIKE s.indoption::text || ' %' -- and sorted alike
  AND s.indnatts = s.indnkeyatts -- no INCLUDE, which is no key
  AND l.indnkeyatts >= s.indnkeyatts
  AND s.indpred IS NULL AND l.indpred IS NULL -- neither partial
  AND s.indexprs IS NULL AND l.indexprs IS NULL -- nor on an expression
  AND (NOT s.indisunique OR (l.indisunique AND l.indnkeyatts = s.indnkeyatts))
  AND NOT EXISTS (
      SELECT FROM pg_constraint AS c WHERE c.conindid = s.indexrelid)
GROUP BY s.indexrelid
ORDER BY 1;
\echo '# --8<-- [end:redundant]'

-- What a write costs: records in the write-ahead log, divided by 1,000 rows.
CREATE TABLE notes (a integer, b integer, c integer, d integer) WITH (fillfactor = 50);
CREATE FUNCTION records(statement text) RETURNS integer LANGUAGE plpgsql AS $$
DECLARE
    top jsonb;
BEGIN
    EXECUTE 'EXPLAIN (ANALYZE, WAL, FORMAT JSON) ' || statement INTO top;
    RETURN round((top -> 0 -> 'Plan' ->> 'WAL Records')::numeric / 1000);
END $$;
\set rows 'SELECT n, n, n, n FROM generate_series(1, 1000) AS n'
\echo '# --8<-- [start:writes]'
\echo 'log records per row                   no index'
SELECT format('  INSERT                              %s', records('INSERT INTO notes ' || :'rows'));
CREATE INDEX ON notes (a);
CREATE INDEX ON notes (b);
CREATE INDEX ON notes (c);
TRUNCATE notes;
\echo 'log records per row                   indexes on a, b, c'
SELECT format('  INSERT                              %s', records('INSERT INTO notes ' || :'rows'));
SELECT format('  UPDATE of d, in no index            %s', records('UPDATE notes SET d = d + 1'));
VACUUM notes;
SELECT format('  UPDATE of a, b and c unchanged      %s', records('UPDATE notes SET a = a + 1'));
\echo '# --8<-- [end:writes]'
