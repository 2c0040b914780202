-- The products of example.py in PostgreSQL's own full-text search.
SET max_parallel_workers_per_gather = 0;
\pset format unaligned
\pset tuples_only on
\pset fieldsep '  '

CREATE TABLE products (
    id    integer PRIMARY KEY,
    brand text NOT NULL,
    kind  text NOT NULL,
    title text NOT NULL,
    body  text NOT NULL
);
INSERT INTO products VALUES
    (1, 'Alto', 'shoes', 'Trail running shoes', 'Grip for wet rock.'),
    (2, 'Alto', 'shoes', 'Road running shoes', 'Soft shoes for the city.'),
    (3, 'Nord', 'shoes', 'Waterproof hiking shoes',
     'A sturdy waterproof shoe for long days in wet hills.'),
    (4, 'Nord', 'socks', 'Running socks',
     'Running, running, running: socks for running and for more running.'),
    (5, 'Alto', 'jackets', 'Rain jacket', 'A waterproof jacket for runners.'),
    (6, 'Nord', 'jackets', 'Down jacket', 'Warm and light. Not waterproof.'),
    (7, 'Nord', 'tents', 'Tent for two', 'Waterproof fly, aluminium poles.'),
    (8, 'Alto', 'books', 'Gift guide',
     'From tents to shoes: a waterproof map, a warm hat, socks, a stove, a'
     ' lamp, a bag, and a voucher for running shoes she may choose later.'),
    (9, 'Nord', 'care', 'Shoe wax', 'Makes leather shoes waterproof again.'),
    (10, 'Alto', 'shoes', 'Café clogs', 'Shoes for a slow day.'),
    (11, 'Nord', 'books', 'Running wild', 'A novel about a horse and rain.');

-- --8<-- [start:show]
ALTER TABLE products ADD COLUMN search tsvector GENERATED ALWAYS AS (
    setweight(to_tsvector('english', title), 'A') ||
    setweight(to_tsvector('english', body), 'D')
) STORED;
CREATE INDEX products_search ON products USING gin (search);

SELECT 'lexemes of 5:  ', search FROM products WHERE id = 5;
SELECT 'a user typed:  ', websearch_to_tsquery('english',
    '"running shoes" or jacket -rain');

SELECT E'\nall words must occur; title weighs 1.0, body 0.1';
SELECT id, title, round(ts_rank(search, q)::numeric, 3) AS score
FROM products, websearch_to_tsquery('english', 'running shoes') AS q
WHERE search @@ q ORDER BY score DESC, id;

SELECT E'\nany word, equal weights: ts_rank, and divided by length (2)';
WITH ranked AS (
    SELECT id, ts_rank('{1, 1, 1, 1}', search, q) AS plain,
           ts_rank('{1, 1, 1, 1}', search, q, 2) AS by_length
    FROM products, websearch_to_tsquery('english', 'waterproof or map') AS q
    WHERE search @@ q
)
SELECT 'plain:    ', string_agg(id::text, ' ' ORDER BY plain DESC, id) FROM ranked
UNION ALL
SELECT 'by length:', string_agg(id::text, ' ' ORDER BY by_length DESC, id) FROM ranked;

SELECT E'\nsnippet of 8';
SELECT ts_headline('english', body, websearch_to_tsquery('english', 'warm hat'),
                   'StartSel=[, StopSel=], MaxWords=9, MinWords=5')
FROM products WHERE id = 8;
-- --8<-- [end:show]

SELECT E'\nwords that do not meet';
SELECT 'runners matches running: ',
       to_tsvector('english', 'running') @@ websearch_to_tsquery('english', 'runners');
SELECT 'cafe matches café:       ',
       to_tsvector('english', 'café') @@ websearch_to_tsquery('english', 'cafe');
SELECT 'down jacket becomes:     ', to_tsvector('english', 'down jacket');

SELECT E'\n20000 rows more: the index finds, the sort ranks each hit';
INSERT INTO products
SELECT n, 'Nord', 'parts', 'Part ' || n, CASE WHEN n % 200 = 0
       THEN 'A lamp for tents' ELSE 'A bolt for poles' END
FROM generate_series(100, 20099) AS n;
VACUUM (ANALYZE) products;
EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF, SUMMARY OFF, BUFFERS OFF)
SELECT id FROM products
WHERE search @@ websearch_to_tsquery('english', 'lamp tent')
ORDER BY ts_rank(search, websearch_to_tsquery('english', 'lamp tent')) DESC, id
LIMIT 3;
