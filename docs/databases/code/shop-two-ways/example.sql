-- One shop as tables, then as JSONB documents, in one PostgreSQL.
SET TIME ZONE 'UTC';
SET max_parallel_workers_per_gather = 0;
\pset format unaligned
\pset fieldsep ' | '
\pset tuples_only on

CREATE FUNCTION attempt(statement text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    reason text;
BEGIN
    EXECUTE statement;
    RETURN 'accepted';
EXCEPTION WHEN others THEN
    GET STACKED DIAGNOSTICS reason = CONSTRAINT_NAME;
    RETURN format('refused, %s: %s', SQLSTATE, coalesce(nullif(reason, ''), SQLERRM));
END $$;

CREATE TABLE customers (
    id    text PRIMARY KEY,
    email text NOT NULL UNIQUE -- which is an index already: do not add another
);
CREATE TABLE products (
    id    text PRIMARY KEY,
    name  text NOT NULL,
    cents integer NOT NULL CHECK (cents > 0),
    specs jsonb NOT NULL DEFAULT '{}' -- what differs from product to product
);
CREATE TABLE orders (
    id          text PRIMARY KEY,
    customer_id text NOT NULL REFERENCES customers,
    status      text NOT NULL CHECK (status IN ('open', 'paid'))
);
CREATE TABLE order_lines (
    order_id   text NOT NULL REFERENCES orders,
    product_id text NOT NULL REFERENCES products,
    quantity   integer NOT NULL CHECK (quantity > 0),
    cents      integer NOT NULL CHECK (cents >= 0),
    PRIMARY KEY (order_id, product_id)
);
INSERT INTO customers
VALUES ('ada', 'ada@shop.test'), ('ben', 'ben@shop.test'), ('cem', 'cem@shop.test');
INSERT INTO products VALUES
    ('KB', 'keyboard', 8900, '{"layout": "iso", "keys": 104}'),
    ('MS', 'mouse', 2500, '{"dpi": 1600, "wireless": true}'),
    ('BK', 'book', 3200, '{"pages": 412}');
INSERT INTO orders VALUES
    ('A1', 'ada', 'paid'), ('A2', 'ben', 'open'), ('A3', 'ada', 'open'),
    ('A4', 'ada', 'paid'), ('A5', 'cem', 'paid');
INSERT INTO order_lines VALUES
    ('A1', 'KB', 1, 8900), ('A1', 'MS', 1, 2500), ('A2', 'MS', 2, 2500),
    ('A3', 'BK', 1, 3200), ('A3', 'MS', 1, 2500), ('A4', 'KB', 1, 8900),
    ('A5', 'BK', 2, 3200);

\echo '# --8<-- [start:tables]'
-- --8<-- [start:show]
\echo 'hard: the page of one order, four tables'
SELECT o.id, c.email, string_agg(p.name, ', ' ORDER BY p.name),
       sum(l.quantity * l.cents)
FROM orders AS o
JOIN customers AS c ON c.id = o.customer_id
JOIN order_lines AS l ON l.order_id = o.id
JOIN products AS p ON p.id = l.product_id
WHERE o.id = 'A1'
GROUP BY o.id, c.email;

\echo 'easy: pieces sold of each product'
SELECT product_id, sum(quantity)
FROM order_lines
GROUP BY product_id ORDER BY product_id;

\echo 'easy, though nobody planned it: who bought a mouse and no book'
SELECT o.customer_id
FROM orders AS o JOIN order_lines AS l ON l.order_id = o.id
GROUP BY o.customer_id
HAVING bool_or(l.product_id = 'MS') AND NOT bool_or(l.product_id = 'BK');

\echo 'refused: a misspelled column, an unknown customer, minus one mouse'
SELECT attempt($$UPDATE orders SET statsu = 'paid' WHERE id = 'A3'$$);
SELECT attempt($$INSERT INTO orders VALUES ('A9', 'zoe', 'open')$$);
SELECT attempt($$UPDATE order_lines SET quantity = -1 WHERE order_id = 'A2'$$);
-- --8<-- [end:show]
\echo '# --8<-- [end:tables]'

\echo '# --8<-- [start:jsonb]'
CREATE TABLE order_docs (id text PRIMARY KEY, doc jsonb NOT NULL);
INSERT INTO order_docs
SELECT o.id, jsonb_build_object('customer', o.customer_id, 'status', o.status,
    'lines', jsonb_agg(
        jsonb_build_object('sku', product_id, 'quantity', quantity)))
FROM orders AS o JOIN order_lines AS l ON l.order_id = o.id
GROUP BY o.id;

\echo 'easy: the page of one order, one row'
SELECT doc FROM order_docs WHERE id = 'A4';

\echo 'harder: pieces sold, after each document is taken apart'
SELECT sku, sum(quantity)
FROM order_docs, JSON_TABLE(doc, '$.lines[*]'
    COLUMNS (sku text PATH '$.sku', quantity integer PATH '$.quantity'))
GROUP BY sku ORDER BY sku;

\echo 'a misspelled key, then the same with a CHECK, and with a better one'
SELECT attempt($$UPDATE order_docs
    SET doc = doc - 'status' || '{"statsu": "paid"}' WHERE id = 'A3'$$);
ALTER TABLE order_docs
    ADD CONSTRAINT weak CHECK (doc ->> 'status' IN ('open', 'paid'));
SELECT attempt($$INSERT INTO order_docs VALUES ('A6', '{"statsu": "open"}')$$);
DELETE FROM order_docs WHERE NOT doc ? 'status';
ALTER TABLE order_docs
    ADD CONSTRAINT strict CHECK ((doc ->> 'status' IN ('open', 'paid')) IS TRUE);
SELECT attempt($$INSERT INTO order_docs VALUES ('A6', '{"statsu": "open"}')$$);

\echo 'a foreign key out of a document'
ALTER TABLE order_docs ADD COLUMN customer_id text NOT NULL
    GENERATED ALWAYS AS (doc ->> 'customer') STORED REFERENCES customers;
SELECT attempt($$INSERT INTO order_docs
    VALUES ('A9', '{"status": "open", "customer": "zoe"}')$$);
\echo '# --8<-- [end:jsonb]'

-- 20,000 documents: half of them open, one in 997 a gift.
CREATE TABLE many (id integer PRIMARY KEY, status text NOT NULL, doc jsonb NOT NULL);
INSERT INTO many
SELECT n, s.status, jsonb_build_object('n', n, 'status', s.status,
    'gift', n % 997 = 0)
FROM generate_series(1, 20000) AS n,
     LATERAL (SELECT CASE WHEN n % 2 = 0 THEN 'open' ELSE 'paid' END) AS s (status);
CREATE TABLE long_docs (id integer PRIMARY KEY, doc jsonb NOT NULL);
INSERT INTO long_docs
SELECT 1, jsonb_build_object('status', 'open', 'lines', jsonb_agg(md5(n::text)))
FROM generate_series(1, 500) AS n;
CREATE TABLE short_rows (id integer PRIMARY KEY, status text NOT NULL);
INSERT INTO short_rows VALUES (1, 'open');
VACUUM (ANALYZE) many;

CREATE FUNCTION guess(condition text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    plan jsonb; node jsonb; found integer;
BEGIN
    EXECUTE 'EXPLAIN (FORMAT JSON) SELECT * FROM many WHERE ' || condition INTO plan;
    EXECUTE 'SELECT count(*) FROM many WHERE ' || condition INTO found;
    node := plan -> 0 -> 'Plan';
    RETURN format('%s%s%s  %s', rpad(condition, 26), lpad(node ->> 'Plan Rows', 7),
        lpad(found::text, 8), node ->> 'Node Type');
END $$;

CREATE FUNCTION log_bytes(statement text) RETURNS integer LANGUAGE plpgsql AS $$
DECLARE
    plan jsonb;
BEGIN
    EXECUTE statement; -- the first write to a page may log the whole page
    EXECUTE 'EXPLAIN (ANALYZE, WAL, FORMAT JSON) ' || statement INTO plan;
    RETURN plan -> 0 -> 'Plan' -> 'WAL Bytes';
END $$;

\echo '# --8<-- [start:cost]'
\echo 'condition                 guessed   found  plan'
SELECT guess($$status = 'open'$$);
SELECT guess($$doc ->> 'status' = 'open'$$);
SELECT guess($$doc @> '{"gift": true}'$$);
\echo 'CREATE STATISTICS on the key, a GIN index on the documents'
CREATE STATISTICS many_status ON (doc ->> 'status') FROM many;
CREATE INDEX many_doc ON many USING gin (doc jsonb_path_ops);
ANALYZE many;
SELECT guess($$doc ->> 'status' = 'open'$$);
SELECT guess($$doc @> '{"gift": true}'$$);

\echo 'one status: a document of 500 lines writes over 50 times the log of a row'
SELECT log_bytes($$UPDATE long_docs SET doc = doc || '{"status": "paid"}'$$)
    > 50 * log_bytes($$UPDATE short_rows SET status = 'paid'$$);
\echo '# --8<-- [end:cost]'
