-- Each statement runs, is measured, and is rolled back.
\pset footer off
\pset border 0
CREATE TABLE users (id bigint PRIMARY KEY, email varchar(100) NOT NULL, age integer);
INSERT INTO users
SELECT n, 'user' || n || '@shop.test', 20 + n % 50
FROM generate_series(1, 1000) AS n;
CREATE TABLE orders (id bigint PRIMARY KEY, uid bigint);
INSERT INTO orders SELECT n, n FROM generate_series(1, 1000) AS n;
ALTER TABLE orders ADD CONSTRAINT positive CHECK (id > 0) NOT VALID;
ALTER TABLE orders ADD CONSTRAINT has_user CHECK (uid IS NOT NULL);

CREATE FUNCTION measure(target regclass, ddl text)
RETURNS TABLE (lock text, work text)
LANGUAGE plpgsql AS $$
DECLARE
    file_before oid := pg_relation_filenode(target);
    scans_before bigint := pg_stat_get_xact_numscans(target);
BEGIN
    BEGIN
        EXECUTE ddl;
        SELECT replace(l.mode, 'Lock', '') INTO lock
        FROM pg_locks AS l
        WHERE l.relation = target AND l.pid = pg_backend_pid()
        ORDER BY array_position(ARRAY['AccessExclusiveLock', 'ExclusiveLock',
            'ShareRowExclusiveLock', 'ShareLock', 'ShareUpdateExclusiveLock',
            'RowExclusiveLock', 'RowShareLock', 'AccessShareLock'], l.mode)
        LIMIT 1;
        work := CASE
            WHEN pg_relation_filenode(target) <> file_before THEN 'rewrites'
            WHEN pg_stat_get_xact_numscans(target) > scans_before THEN 'reads'
            ELSE 'none'
        END;
        RAISE EXCEPTION USING ERRCODE = 'UNDO1';
    EXCEPTION WHEN SQLSTATE 'UNDO1' THEN
        RETURN NEXT; -- the change is undone, what was measured stays
    END;
END $$;

-- --8<-- [start:show]
CREATE TABLE changes (id integer PRIMARY KEY, target regclass, ddl text);
INSERT INTO changes VALUES
    (1, 'users', 'ADD COLUMN phone text'),
    (2, 'users', 'ADD COLUMN vip boolean NOT NULL DEFAULT false'),
    (3, 'users', 'ADD COLUMN since timestamptz DEFAULT now()'),
    (4, 'users', 'ADD COLUMN token uuid DEFAULT uuidv7()'),
    (5, 'users', 'ALTER COLUMN email TYPE varchar(200)'),
    (6, 'users', 'ALTER COLUMN age TYPE bigint'),
    (7, 'users', 'ALTER COLUMN age SET NOT NULL'),
    (8, 'users', 'ADD NOT NULL age NOT VALID'), -- since PostgreSQL 18
    (9, 'orders', 'ALTER COLUMN uid SET NOT NULL'), -- a CHECK proves it
    (10, 'users', 'ADD CHECK (age >= 18)'),
    (11, 'users', 'ADD CHECK (age >= 18) NOT VALID'),
    (12, 'orders', 'VALIDATE CONSTRAINT positive'),
    (13, 'orders', 'ADD FOREIGN KEY (uid) REFERENCES users'),
    (14, 'orders', 'ADD FOREIGN KEY (uid) REFERENCES users NOT VALID'),
    (15, 'users', 'ADD UNIQUE (email)'),
    (16, 'users', 'RENAME COLUMN email TO mail'),
    (17, 'users', 'DROP COLUMN age');

SELECT c.ddl AS "ALTER TABLE", m.lock, m.work
FROM changes AS c
CROSS JOIN LATERAL measure(
    c.target, format('ALTER TABLE %s %s', c.target, c.ddl)
) AS m
ORDER BY c.id;
-- --8<-- [end:show]
