-- A wide order sheet and its anomalies, then four tables without them.
\pset footer off
SET TIME ZONE 'UTC';
CREATE SCHEMA loose;

-- Runs a statement and tells what the server says to it.
CREATE FUNCTION answer(statement text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE statement;
    RETURN 'accepted';
EXCEPTION WHEN integrity_constraint_violation THEN
    RETURN SQLSTATE;
END $$;

-- The same statement for the tables with rules and for those without.
CREATE FUNCTION try_both(label text, statement text)
RETURNS TABLE (what text, bare text, guarded text) LANGUAGE plpgsql AS $$
BEGIN
    what := label;
    SET LOCAL search_path TO loose, public;
    bare := answer(statement);
    SET LOCAL search_path TO public;
    guarded := answer(statement);
    RETURN NEXT;
END $$;

\echo '# --8<-- [start:wide]'
CREATE TABLE sheet (
    order_no integer, sku text,
    email text, address text, product text, list_price numeric(12, 2),
    quantity integer, unit_price numeric(12, 2),
    PRIMARY KEY (order_no, sku)
);
INSERT INTO sheet VALUES
    (1, 'LAMP', 'ada@shop.test', 'Elm 1', 'Desk lamp', 40, 1, 40),
    (1, 'BULB', 'ada@shop.test', 'Elm 1', 'Bulb',       5, 4,  5),
    (2, 'LAMP', 'ben@shop.test', 'Oak 2', 'Desk lamp', 40, 2, 40),
    (3, 'DESK', 'ada@shop.test', 'Elm 1', 'Desk',     300, 1, 300);

\echo 'Update: Ada moves, the form of order 3 saves her new address'
UPDATE sheet SET address = 'Fir 9' WHERE order_no = 3;
SELECT DISTINCT email, address FROM sheet WHERE email = 'ada@shop.test';

\echo 'Insertion: a product that nobody has ordered yet'
SELECT answer($$
    INSERT INTO sheet (sku, product, list_price) VALUES ('SOFA', 'Sofa', 900)
$$);

\echo 'Deletion: order 2 goes, and with it all that was known of Ben'
DELETE FROM sheet WHERE order_no = 2;
SELECT count(*) AS rows_about_ben FROM sheet WHERE email = 'ben@shop.test';
\echo '# --8<-- [end:wide]'

-- --8<-- [start:show]
CREATE TABLE customers (
    customer_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    email       text NOT NULL CHECK (octet_length(email) BETWEEN 3 AND 254),
    address     text NOT NULL
);
CREATE UNIQUE INDEX customers_email ON customers (lower(email));

CREATE TABLE products (
    product_id  bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    sku         text NOT NULL UNIQUE,
    name        text NOT NULL,
    list_price  numeric(12, 2) NOT NULL CHECK (list_price BETWEEN 0 AND 100000)
);

CREATE TABLE orders (
    order_id    bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    customer_id bigint NOT NULL REFERENCES customers,
    currency    text NOT NULL DEFAULT 'EUR' CHECK (currency ~ '^[A-Z]{3}$'),
    ship_to     text NOT NULL,                       -- as it was that day
    placed_at   timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX orders_customer ON orders (customer_id);

CREATE TABLE order_lines (
    order_id    bigint NOT NULL REFERENCES orders ON DELETE CASCADE,
    product_id  bigint NOT NULL REFERENCES products,
    quantity    integer NOT NULL CHECK (quantity > 0),
    unit_price  numeric(12, 2) NOT NULL CHECK (unit_price BETWEEN 0 AND 100000),
    PRIMARY KEY (order_id, product_id)
);
CREATE INDEX order_lines_product ON order_lines (product_id);
-- --8<-- [end:show]

-- The same columns as most notes print them.
CREATE TABLE loose.customers (
    customer_id serial PRIMARY KEY, email varchar(100) UNIQUE, address text
);
CREATE TABLE loose.products (
    product_id serial PRIMARY KEY, sku text, name varchar(100), list_price decimal
);
CREATE TABLE loose.orders (
    order_id    serial PRIMARY KEY,
    customer_id integer REFERENCES loose.customers,
    ship_to     text,
    placed_at   timestamp DEFAULT now()
);
CREATE TABLE loose.order_lines (
    line_id    serial PRIMARY KEY,
    order_id   integer REFERENCES loose.orders,
    product_id integer REFERENCES loose.products,
    quantity   integer,
    unit_price decimal
);

\echo '# --8<-- [start:statements]'
\echo 'INSERT: customers, products, an order with the prices of that day'
INSERT INTO customers (email, address)
VALUES ('ada@shop.test', 'Elm 1'), ('ben@shop.test', 'Oak 2');
INSERT INTO products (sku, name, list_price)
VALUES ('LAMP', 'Desk lamp', 40), ('BULB', 'Bulb', 5), ('SOFA', 'Sofa', 900);

WITH placed AS (
    INSERT INTO orders (customer_id, ship_to)
    SELECT customer_id, address FROM customers
    WHERE lower(email) = 'ada@shop.test'
    RETURNING order_id
)
INSERT INTO order_lines (order_id, product_id, quantity, unit_price)
SELECT order_id, product_id, quantity, list_price
FROM placed, (VALUES ('LAMP', 1), ('BULB', 4)) AS cart (sku, quantity)
JOIN products USING (sku);

\echo 'UPDATE: Ada moves, the lamp gets dearer, one row each'
UPDATE customers SET address = 'Fir 9' WHERE lower(email) = 'ada@shop.test';
UPDATE products SET list_price = 55 WHERE sku = 'LAMP';

\echo 'SELECT: what she bought, what she paid, what it would cost now'
SELECT o.ship_to, p.name, l.quantity * l.unit_price AS paid,
       l.quantity * p.list_price AS now
FROM orders o
JOIN order_lines l USING (order_id)
JOIN products p USING (product_id)
ORDER BY p.name;

\echo 'SELECT: everybody, also those without an order'
SELECT c.email, count(o.order_id) AS orders
FROM customers c LEFT JOIN orders o USING (customer_id)
GROUP BY c.email ORDER BY c.email;

\echo 'DELETE: the order takes its lines along, nothing else (rolled back)'
BEGIN;
DELETE FROM orders WHERE order_id = 1;
SELECT (SELECT count(*) FROM order_lines) AS lines,
       (SELECT count(*) FROM customers) AS customers,
       (SELECT count(*) FROM products) AS products;
ROLLBACK;
\echo '# --8<-- [end:statements]'

INSERT INTO loose.customers (email) VALUES ('ada@shop.test'), ('ben@shop.test');
INSERT INTO loose.products (sku, list_price) VALUES ('LAMP', 40), ('BULB', 5);
INSERT INTO loose.orders (customer_id) VALUES (1);
INSERT INTO loose.order_lines (order_id, product_id, quantity, unit_price)
VALUES (1, 1, 1, 40), (1, 2, 4, 5);

\echo '# --8<-- [start:refused]'
SELECT tried.* FROM (VALUES
    ('customer 99 does not exist',
     $$INSERT INTO orders (customer_id, ship_to) VALUES (99, 'x')$$),
    ('order without a customer',
     $$INSERT INTO orders (ship_to) VALUES ('x')$$),
    ('quantity -5', $$UPDATE order_lines SET quantity = -5$$),
    ('quantity NULL', $$UPDATE order_lines SET quantity = NULL$$),
    ('price NaN', $$UPDATE products SET list_price = 'NaN'$$),
    ('the lamp a second time', $$
        INSERT INTO order_lines (order_id, product_id, quantity, unit_price)
        VALUES (1, 1, 1, 40)$$),
    ('email ADA@shop.test',
     $$INSERT INTO customers (email, address) VALUES ('ADA@shop.test', 'x')$$),
    ('two customers without email',
     $$INSERT INTO customers (address) VALUES ('x'), ('y')$$),
    ('delete a product that was sold',
     $$DELETE FROM products WHERE product_id = 1$$)
) AS test (label, statement), try_both(label, statement) AS tried;
\echo '# --8<-- [end:refused]'

\pset tuples_only on
\pset format unaligned
\pset fieldsep ' | '
\echo '# --8<-- [start:unindexed]'
\echo 'Foreign keys whose columns begin no index'
SELECT conrelid::regclass, conname
FROM pg_constraint c
WHERE contype = 'f' AND NOT EXISTS (
    SELECT FROM pg_index i
    WHERE i.indrelid = c.conrelid AND i.indisvalid AND i.indpred IS NULL
      AND (i.indkey::int2[])[0:cardinality(c.conkey) - 1] @> c.conkey
)
ORDER BY 1::text, 2;
\echo '# --8<-- [end:unindexed]'

\echo '# --8<-- [start:types]'
\echo 'One instant, written by a session in UTC and one in Tokyo'
CREATE TABLE moments (zone text, plain timestamp, instant timestamptz);
INSERT INTO moments
SELECT 'UTC', t, t FROM (SELECT timestamptz '2026-11-20 12:00Z') AS x (t);
SET TIME ZONE 'Asia/Tokyo';
INSERT INTO moments
SELECT 'Tokyo', t, t FROM (SELECT timestamptz '2026-11-20 12:00Z') AS x (t);
SET TIME ZONE 'UTC';
SELECT * FROM moments;

\echo 'A hundred times ten cents: double precision, numeric(12, 2)'
SELECT sum(0.1::double precision), sum(0.1::numeric(12, 2))
FROM generate_series(1, 100);
\echo '# --8<-- [end:types]'
