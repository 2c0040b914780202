CREATE TABLE landing (  -- filled by one writer, in the order of the source's log
    position bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    order_id integer NOT NULL,
    version  integer NOT NULL,
    deleted  boolean NOT NULL,
    day      date NOT NULL,
    sku      text NOT NULL,
    cents    integer NOT NULL
);
CREATE TABLE dim_product (
    product_key integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    sku         text NOT NULL UNIQUE,
    category    text NOT NULL
);
CREATE TABLE fact_orders (  -- one row per order
    order_id    integer PRIMARY KEY,
    version     integer NOT NULL,
    deleted     boolean NOT NULL,
    day         date NOT NULL,
    product_key integer NOT NULL REFERENCES dim_product,
    cents       integer NOT NULL
);
CREATE TABLE progress (position bigint NOT NULL);
INSERT INTO progress VALUES (0);
INSERT INTO dim_product (sku, category) VALUES ('mug', 'home'), ('pen', 'office');
INSERT INTO landing (order_id, version, deleted, day, sku, cents) VALUES
    (1, 1, false, '2026-03-01', 'mug', 1200),
    (2, 1, false, '2026-03-01', 'pen',  300),
    (1, 2, false, '2026-03-01', 'mug', 1000),
    (3, 1, false, '2026-03-02', 'mug', 1200),
    (3, 2, true,  '2026-03-02', 'mug', 1200),
    (4, 1, false, '2026-03-02', 'hat', 2500);

-- --8<-- [start:show]
PREPARE load AS
WITH batch AS (  -- one row per order: MERGE may not meet a row twice
    SELECT DISTINCT ON (order_id) *
    FROM landing
    WHERE position > (SELECT position FROM progress)
    ORDER BY order_id, version DESC
), inferred AS (  -- a fact may come before its product
    INSERT INTO dim_product (sku, category)
    SELECT DISTINCT sku, 'unknown' FROM batch
    ON CONFLICT (sku) DO NOTHING
    RETURNING product_key, sku
), product AS (
    SELECT product_key, sku FROM dim_product UNION ALL TABLE inferred
), merged AS (
    MERGE INTO fact_orders AS f
    USING (SELECT * FROM batch JOIN product USING (sku)) AS b
    ON f.order_id = b.order_id
    WHEN MATCHED AND b.version > f.version THEN  -- never back to an old version
        UPDATE SET version = b.version, deleted = b.deleted, day = b.day,
                   product_key = b.product_key, cents = b.cents
    WHEN NOT MATCHED THEN
        INSERT VALUES (b.order_id, b.version, b.deleted, b.day,
                       b.product_key, b.cents)
    RETURNING merge_action() AS action
), moved AS (  -- the position moves in the same statement as the rows
    UPDATE progress
    SET position = greatest(position, (SELECT max(position) FROM landing))
)
SELECT (SELECT count(*) FROM batch) AS orders,
       count(*) FILTER (WHERE action = 'INSERT') AS inserted,
       count(*) FILTER (WHERE action = 'UPDATE') AS updated
FROM merged;

PREPARE report AS
SELECT day, category, count(*) AS orders, sum(cents) AS cents
FROM fact_orders JOIN dim_product USING (product_key)
WHERE NOT deleted
GROUP BY day, category ORDER BY day, category;
-- --8<-- [end:show]

\echo 'First load'
EXECUTE load;
\echo 'Late: version 2 of order 2. Again: version 1 of order 1'
INSERT INTO landing (order_id, version, deleted, day, sku, cents) VALUES
    (2, 2, false, '2026-03-01', 'pen',  450),
    (1, 1, false, '2026-03-01', 'mug', 1200);
EXECUTE load;
EXECUTE report;

\echo 'Replay everything from position 0: nothing changes'
UPDATE progress SET position = 0;
EXECUTE load;
EXECUTE report;

\echo 'Checks: failing rows'
SELECT 'product unknown' AS rule, count(*) AS rows
FROM fact_orders JOIN dim_product USING (product_key) WHERE category = 'unknown'
UNION ALL
SELECT 'negative amount', count(*) FROM fact_orders WHERE cents < 0
UNION ALL
SELECT 'differs from landing', count(*)
FROM (SELECT DISTINCT ON (order_id) * FROM landing ORDER BY order_id, version DESC) AS s
FULL JOIN fact_orders AS f USING (order_id)
WHERE (s.version, s.deleted, s.cents) IS DISTINCT FROM (f.version, f.deleted, f.cents);
