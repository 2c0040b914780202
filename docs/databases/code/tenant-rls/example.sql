-- 100 tenants with 100 invoices each; a role that owns the table, a role that uses it.
CREATE ROLE rls_owner;
CREATE ROLE rls_app;
CREATE TABLE invoices (
    tenant_id bigint NOT NULL,
    id        bigint NOT NULL,
    cents     integer NOT NULL,
    details   jsonb NOT NULL,
    PRIMARY KEY (tenant_id, id)
);
INSERT INTO invoices
SELECT t, n, 100 * t + n, jsonb_build_object('item', t * 100 + n)
FROM generate_series(1, 100) AS t, generate_series(1, 100) AS n;
CREATE INDEX invoices_details ON invoices USING gin (details);
ALTER TABLE invoices OWNER TO rls_owner;
GRANT USAGE ON SCHEMA public TO rls_owner, rls_app;
GRANT CREATE ON SCHEMA public TO rls_owner;

-- --8<-- [start:show]
GRANT SELECT, INSERT, UPDATE, DELETE ON invoices TO rls_app; -- TRUNCATE is not

-- The tenant of the transaction, NULL if there is none.
CREATE FUNCTION current_tenant() RETURNS bigint
LANGUAGE plpgsql STABLE PARALLEL SAFE AS $$
BEGIN
    RETURN NULLIF(current_setting('app.tenant', true), '')::bigint;
END $$;

ALTER TABLE invoices ENABLE ROW LEVEL SECURITY;
ALTER TABLE invoices FORCE ROW LEVEL SECURITY; -- binds the owner, too
CREATE POLICY tenant ON invoices
    USING (tenant_id = current_tenant())        -- rows that are there
    WITH CHECK (tenant_id = current_tenant());  -- rows as they will be
-- --8<-- [end:show]

-- Customers have a key of their own; orders point at it, with and without the tenant.
CREATE TABLE customers (
    id        bigint PRIMARY KEY,
    tenant_id bigint NOT NULL,
    UNIQUE (tenant_id, id)
);
INSERT INTO customers VALUES (700, 7), (800, 8);
ALTER TABLE customers ENABLE ROW LEVEL SECURITY;
ALTER TABLE customers FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON customers USING (tenant_id = current_tenant());
CREATE TABLE orders (
    tenant_id   bigint NOT NULL,
    customer_id bigint NOT NULL REFERENCES customers
);
ALTER TABLE orders ENABLE ROW LEVEL SECURITY;
ALTER TABLE orders FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON orders USING (tenant_id = current_tenant());
GRANT SELECT, INSERT ON customers, orders TO rls_app;

VACUUM (ANALYZE) invoices;

-- session A
-- --8<-- [start:request]
SET ROLE rls_app;
SELECT count(*) FROM invoices;
BEGIN;
SELECT set_config('app.tenant', '7', true);
SELECT count(*), min(tenant_id), max(tenant_id)
  FROM invoices;
UPDATE invoices SET cents = 0 WHERE tenant_id = 8;
INSERT INTO invoices VALUES (8, 999, 1, '{}');
ROLLBACK;
-- The same connection serves the next request.
SELECT count(*) FROM invoices;
-- --8<-- [end:request]

-- --8<-- [start:leak]
SET app.tenant = '7';
-- The next request forgets to set its own.
SELECT count(*) FROM invoices;
RESET app.tenant;
-- --8<-- [end:leak]

-- --8<-- [start:empty]
-- In a fresh session it was NULL. It is no more.
SELECT current_setting('app.tenant', true) = '' AS empty;
SELECT current_setting('app.tenant', true)::bigint;
-- --8<-- [end:empty]

-- --8<-- [start:bypass]
RESET ROLE;
CREATE VIEW sums AS SELECT sum(cents) FROM invoices;
GRANT SELECT ON sums TO rls_app;
-- A superuser made that view. The application asks it:
SET ROLE rls_app;
SELECT * FROM sums;
RESET ROLE;
ALTER VIEW sums SET (security_invoker = true);
SET ROLE rls_app;
SELECT * FROM sums;
-- --8<-- [end:bypass]

-- --8<-- [start:plan]
BEGIN;
SET LOCAL app.tenant = '7';
EXPLAIN (COSTS OFF)
  SELECT * FROM invoices WHERE id = 42;
EXPLAIN (COSTS OFF)
  SELECT * FROM invoices WHERE details @> '{"item": 742}';
COMMIT;
RESET ROLE;
-- The same question without the policy.
EXPLAIN (COSTS OFF)
  SELECT * FROM invoices WHERE tenant_id = 7
  AND details @> '{"item": 742}';
-- --8<-- [end:plan]

SET ROLE rls_app;
-- --8<-- [start:keys]
BEGIN;
SET LOCAL app.tenant = '7';
-- Tenant 7 cannot see customer 800, who is with 8.
SELECT count(*) FROM customers WHERE id = 800;
INSERT INTO orders VALUES (7, 800);
ROLLBACK;
-- session B
ALTER TABLE orders ADD CONSTRAINT own
  FOREIGN KEY (tenant_id, customer_id)
  REFERENCES customers (tenant_id, id);
-- session A
BEGIN;
SET LOCAL app.tenant = '7';
INSERT INTO orders VALUES (7, 800);
ROLLBACK;
-- --8<-- [end:keys]
RESET ROLE;

-- --8<-- [start:audit]
CREATE TABLE notes (tenant_id bigint, body text);
SELECT relname AS unprotected FROM pg_class
  JOIN pg_attribute ON attrelid = pg_class.oid
  WHERE attname = 'tenant_id' AND relkind IN ('r', 'p')
  AND NOT (relrowsecurity AND relforcerowsecurity);
-- --8<-- [end:audit]

DROP VIEW sums;
DROP TABLE invoices, orders, customers, notes;
DROP OWNED BY rls_owner, rls_app;
DROP ROLE rls_owner, rls_app;
