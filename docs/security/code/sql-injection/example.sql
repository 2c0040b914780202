CREATE TABLE members (name text PRIMARY KEY, email text, key_hash text, role text);
CREATE TABLE products (name text PRIMARY KEY, price integer NOT NULL);
INSERT INTO members VALUES
    ('ada', 'ada@example.com', 'sample-hash-1', 'admin'),
    ('bob', 'bob@example.com', 'sample-hash-2', 'member');
INSERT INTO products VALUES ('lamp', 45), ('rug 50% wool', 80), ('rug 500 knots', 300);
SET plan_cache_mode = force_generic_plan;
\pset tuples_only on

-- --8<-- [start:show]
\echo 'Concatenated, the input is part of the parse tree: two tables, one answer'
EXPLAIN (COSTS OFF)
SELECT name, price FROM products WHERE name LIKE '%zzz%'
UNION SELECT email, 0 FROM members --%' ORDER BY name
;
\echo 'Prepared first, the tree is finished before the value arrives'
PREPARE search(text) AS
    SELECT name, price FROM products WHERE name LIKE '%' || $1 || '%';
EXPLAIN (COSTS OFF)
EXECUTE search('zzz%'' UNION SELECT email, 0 FROM members --');

\echo 'Wildcards are data to SQL and code to LIKE: unescaped, then escaped'
EXECUTE search('50%');
EXECUTE search('50\%');

\echo 'Names cannot be bound: format quotes names (%I) and values (%L)'
SELECT format('SELECT %I FROM products WHERE name = %L',
              'price" FROM members --', 'x'' OR true --');
DO $$
DECLARE
    reader text := 'reader_' || current_database();
BEGIN
    EXECUTE format('CREATE ROLE %I', reader);
    EXECUTE format('GRANT SELECT (name, price) ON products TO %I', reader);
    PERFORM set_config('role', reader, false);  -- SET ROLE takes no parameter
END $$;
\echo 'As a role of few privileges, members and prices readable'
SELECT has_table_privilege('members', 'SELECT'),
       has_column_privilege('products', 'price', 'SELECT');
-- --8<-- [end:show]
RESET ROLE;
DO $$
BEGIN
    EXECUTE format('DROP OWNED BY %I', 'reader_' || current_database());
    EXECUTE format('DROP ROLE %I', 'reader_' || current_database());
END $$;
