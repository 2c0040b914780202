-- Roles and permissions as rows, a scoped query, and row-level security below it.
\pset format unaligned
\pset tuples_only on
CREATE ROLE object_level_owner; -- owns the table, as migrations do
CREATE ROLE object_level_app; -- what the service connects as

CREATE TABLE users (
    id        text PRIMARY KEY,
    tenant_id text NOT NULL
);
CREATE TABLE role_permissions (
    role       text NOT NULL,
    permission text NOT NULL,
    PRIMARY KEY (role, permission)
);
CREATE TABLE user_roles (
    user_id text NOT NULL REFERENCES users,
    role    text NOT NULL,
    PRIMARY KEY (user_id, role)
);
CREATE TABLE invoices (
    id        integer PRIMARY KEY,
    tenant_id text NOT NULL,
    owner_id  text NOT NULL REFERENCES users,
    cents     integer NOT NULL
);
INSERT INTO users VALUES
    ('ana', 'acme'), ('ben', 'acme'), ('eve', 'acme'), ('dee', 'globex');
INSERT INTO role_permissions VALUES
    ('accountant', 'invoice:read'), ('admin', 'invoice:read'),
    ('admin', 'invoice:delete');
INSERT INTO user_roles VALUES ('eve', 'accountant'), ('dee', 'admin');
INSERT INTO invoices VALUES
    (1, 'acme', 'ana', 4000), (2, 'acme', 'ben', 40000),
    (3, 'acme', 'ben', 400000), (4, 'globex', 'dee', 40000);
ALTER TABLE invoices OWNER TO object_level_owner;
GRANT SELECT, UPDATE ON invoices TO object_level_app;

-- --8<-- [start:show]
PREPARE by_id_alone (integer) AS
SELECT id, owner_id FROM invoices WHERE id = $1;

PREPARE scoped (integer, text) AS -- the id of the request, the user of the session
SELECT i.id, i.owner_id
FROM invoices AS i
JOIN users AS u ON u.id = $2 AND u.tenant_id = i.tenant_id
WHERE i.id = $1
  AND (i.owner_id = u.id OR EXISTS (
      SELECT FROM user_roles AS r JOIN role_permissions AS p USING (role)
      WHERE r.user_id = u.id AND p.permission = 'invoice:read'));

\echo 'ana asks for invoice 2, which is ben''s: by id alone'
EXECUTE by_id_alone(2);
\echo 'ana, in her scope: nothing'
EXECUTE scoped(2, 'ana');
\echo 'dee, admin of globex: nothing'
EXECUTE scoped(2, 'dee');
\echo 'eve, accountant of acme'
EXECUTE scoped(2, 'eve');

ALTER TABLE invoices ENABLE ROW LEVEL SECURITY;
CREATE POLICY same_tenant ON invoices
    USING (tenant_id = current_setting('app.tenant', true));

\echo 'the forgotten WHERE under row-level security, rows seen'
SET ROLE object_level_owner;
SELECT 'owner of the table', count(*) FROM invoices;
ALTER TABLE invoices FORCE ROW LEVEL SECURITY;
SELECT 'owner, with FORCE', count(*) FROM invoices;
RESET ROLE;
SELECT 'superuser, with FORCE', count(*) FROM invoices;
SET ROLE object_level_app;
SELECT 'service, no tenant set', count(*) FROM invoices;
BEGIN;
SET LOCAL app.tenant = 'acme'; -- ends with the transaction: safe with a pool
SELECT 'service for acme', count(*) FROM invoices;
UPDATE invoices SET cents = 0 WHERE id = 4;
\echo 'invoice 4 of globex, rows changed:' :ROW_COUNT
COMMIT;
SELECT 'service, after commit', count(*) FROM invoices;
-- --8<-- [end:show]

RESET ROLE;
DROP TABLE invoices, user_roles, role_permissions, users;
DROP ROLE object_level_app;
DROP ROLE object_level_owner;
