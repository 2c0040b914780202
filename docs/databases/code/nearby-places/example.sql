-- 100,000 places on a map: which index finds those in a small box, and the nearest.
SET max_parallel_workers_per_gather = 0;
SET default_statistics_target = 400; -- ANALYZE reads every row: always the same plans
\pset format unaligned
\pset tuples_only on

CREATE TABLE places (
    id  integer PRIMARY KEY,
    lat double precision NOT NULL,
    lng double precision NOT NULL,
    pos point GENERATED ALWAYS AS (point(lng, lat)) STORED -- x before y
);
INSERT INTO places -- scattered over a belt round the world
SELECT n, 50 + n * 7919 % 100003 / 100003.0, n * 31337 % 100019 / 100019.0 * 360 - 180
FROM generate_series(1, 100000::bigint) AS n;
VACUUM (ANALYZE) places;

-- Run a query; tell how its rows were found, how many came, and the pages read.
CREATE FUNCTION look(name text, query text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    top jsonb; node jsonb; pages integer; sorted text = '';
BEGIN
    EXECUTE 'EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) SELECT id FROM places '
        || query INTO top;
    top := top -> 0 -> 'Plan';
    pages := (top ->> 'Shared Hit Blocks')::integer + (top ->> 'Shared Read Blocks')::integer;
    node := top;
    WHILE node ->> 'Node Type' NOT LIKE '%Scan' LOOP
        IF node ->> 'Node Type' = 'Sort' THEN sorted := ', Sort'; END IF;
        node := node -> 'Plans' -> 0;
    END LOOP;
    RETURN format('  %s%s%s%s', rpad(name, 30), rpad(node ->> 'Node Type', 18) || rpad(sorted, 6),
        lpad((top ->> 'Actual Rows')::numeric::integer::text, 5),
        lpad(CASE WHEN pages < 30 THEN '< 30' WHEN pages < 100 THEN '< 100'
            WHEN pages < 500 THEN '< 500' ELSE '> 500' END, 8));
END $$;

\echo '# --8<-- [start:plans]'
\echo '                                found by                 rows   pages'
-- --8<-- [start:show]
\set in_box 'WHERE lat BETWEEN 50.50 AND 50.60 AND lng BETWEEN 5.00 AND 5.15'
\set in_gist 'WHERE pos <@ box(point(5.00, 50.50), point(5.15, 50.60))'
\set nearest 'ORDER BY pos <-> point(5.07, 50.55) LIMIT 3'
SELECT look('box, no index', :'in_box');
SELECT look('nearest three, no index', :'nearest');

CREATE INDEX by_lat_lng ON places (lat, lng);
SELECT look('box, B-tree (lat, lng)', :'in_box');
SELECT format('  entries in that strip of latitude: %s', count(*))
FROM places WHERE lat BETWEEN 50.50 AND 50.60;
DROP INDEX by_lat_lng;

CREATE INDEX by_pos ON places USING gist (pos);
SELECT look('box, GiST (pos)', :'in_gist');
SELECT look('nearest three, GiST (pos)', :'nearest');
-- --8<-- [end:show]
\echo '# --8<-- [end:plans]'

\echo '# --8<-- [start:degrees]'
-- --8<-- [start:where]
-- At 60 degrees north one degree of longitude is half as long as one of latitude.
SELECT format('%s: %s degrees, %s km', name,
    round((point(lng, lat) <-> point(25.00, 60.00))::numeric, 3),
    round((111.2 * sqrt(pow(lat - 60, 2) + pow((lng - 25) * cosd(60), 2)))::numeric, 2))
FROM (VALUES ('north', 60.010, 25.000), ('east', 60.000, 25.015)) AS t (name, lat, lng)
ORDER BY point(lng, lat) <-> point(25.00, 60.00);
-- --8<-- [end:where]
\echo '# --8<-- [end:degrees]'
