-- pgvector: exact scan, HNSW index, filters, and one tenant's rows only.
SET max_parallel_workers_per_gather = 0;
SET plan_cache_mode = force_generic_plan;
\pset format unaligned
\pset tuples_only on
\pset fieldsep ''

CREATE EXTENSION vector;
CREATE TABLE chunks (
    id        integer PRIMARY KEY,
    tenant    integer NOT NULL,
    embedding vector(16) NOT NULL
);
INSERT INTO chunks -- 60 topics, each chunk around one of them; tenant 7 owns 1 %
SELECT n, CASE WHEN n % 100 = 0 THEN 7 ELSE 1 END,
       (SELECT array_agg(sin(n % 60 * axis * 1.7) + 1.5 * sin(n * axis * 7.3)
                         ORDER BY axis)
        FROM generate_series(1, 16) AS axis)::vector
FROM generate_series(1, 20000) AS n;
VACUUM (ANALYZE) chunks;

-- Which share of the ten nearest, found by brute force, does the index find?
CREATE FUNCTION recall(ef integer) RETURNS numeric LANGUAGE plpgsql AS $$
DECLARE
    probe vector; found integer[]; truth integer[]; hits integer := 0;
BEGIN
    PERFORM set_config('hnsw.ef_search', ef::text, true);
    FOR probe IN SELECT embedding FROM chunks WHERE id % 400 = 13 LOOP
        PERFORM set_config('enable_indexscan', 'off', true);
        EXECUTE 'SELECT array(SELECT id FROM chunks ORDER BY embedding <=> $1 LIMIT 10)'
            INTO truth USING probe;
        PERFORM set_config('enable_indexscan', 'on', true);
        EXECUTE 'SELECT array(SELECT id FROM chunks ORDER BY embedding <=> $1 LIMIT 10)'
            INTO found USING probe;
        hits := hits + (SELECT count(*) FROM unnest(truth) AS t WHERE t = ANY (found));
    END LOOP;
    RETURN hits / 500.0;
END $$;

SELECT embedding AS probe FROM chunks WHERE id = 4242
\gset

-- --8<-- [start:show]
PREPARE nearest(vector) AS
    SELECT id FROM chunks ORDER BY embedding <=> $1 LIMIT 10;
PREPARE nearest_of(integer, vector) AS
    SELECT id FROM chunks WHERE tenant = $1 ORDER BY embedding <=> $2 LIMIT 10;

SELECT '1. Exact: every row is compared';
EXPLAIN (COSTS OFF) EXECUTE nearest(:'probe');

CREATE INDEX chunks_hnsw ON chunks
    USING hnsw (embedding vector_cosine_ops) WITH (m = 4, ef_construction = 16);
SELECT E'\n2. HNSW: the index hands out neighbors in order';
EXPLAIN (COSTS OFF) EXECUTE nearest(:'probe');
SELECT 'recall@10 rises with ef_search from 10 to 200: ', recall(200) > recall(10) + 0.03;
SELECT 'and is then above 0.75:                        ', recall(200) > 0.75;

SELECT E'\n3. The filter runs after the index: 10 asked, fewer found';
EXPLAIN (COSTS OFF) EXECUTE nearest_of(7, :'probe');
CREATE TEMP TABLE answer AS EXECUTE nearest_of(7, :'probe');
SELECT 'found fewer than 5: ', count(*) < 5 FROM answer;

SET hnsw.iterative_scan = strict_order; -- go on until 10 pass the filter
CREATE TEMP TABLE longer AS EXECUTE nearest_of(7, :'probe');
SELECT 'iterative scan:     ', count(*) FROM longer;

SELECT E'\n4. An index on the filter: 200 rows, compared exactly';
CREATE INDEX chunks_tenant ON chunks (tenant);
ANALYZE chunks;
SET plan_cache_mode = auto; -- plan with the value: tenant 7 is small
EXPLAIN (COSTS OFF) SELECT id FROM chunks WHERE tenant = 7
ORDER BY embedding <=> (SELECT embedding FROM chunks WHERE id = 4242) LIMIT 10;

SELECT E'\n5. Row-level security: the filter nobody can forget';
CREATE ROLE rag_reader;
GRANT SELECT ON chunks TO rag_reader;
ALTER TABLE chunks ENABLE ROW LEVEL SECURITY;
CREATE POLICY own_rows ON chunks
    USING (tenant = nullif(current_setting('app.tenant', true), '')::integer);
SET ROLE rag_reader;
SELECT 'without a tenant: ', count(*) FROM chunks;
BEGIN;
SELECT set_config('app.tenant', '7', true) AS tenant \gset
SELECT 'as tenant 7:      ', count(*), ', all its own: ', bool_and(tenant = 7)
FROM (SELECT tenant FROM chunks ORDER BY embedding <=> :'probe' LIMIT 10) AS hits;
COMMIT;
-- --8<-- [end:show]
RESET ROLE;
DROP OWNED BY rag_reader;
DROP ROLE rag_reader;
