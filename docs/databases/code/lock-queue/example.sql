-- One table and three sessions: A is the application, B migrates, C serves users.
CREATE TABLE users (id bigint PRIMARY KEY, name text, email text);
INSERT INTO users VALUES
    (1, 'Ada', 'ada@shop.test'), (2, 'Ben', 'ben@shop.test'),
    (3, 'Cem', 'cem@shop.test'), (4, '', 'dan@shop.test');

-- session A
-- --8<-- [start:queue]
-- A reads once and forgets to commit.
BEGIN;
SELECT count(*) FROM users;
-- session B
ALTER TABLE users ADD COLUMN phone text;
-- session C
SELECT name FROM users WHERE id = 1;
-- session A
COMMIT;
-- --8<-- [end:queue]

-- --8<-- [start:timeout]
-- session A
BEGIN;
SELECT count(*) FROM users;
-- session B
SET lock_timeout = '100ms';
ALTER TABLE users ADD COLUMN locale text;
\echo :SQLSTATE
-- session C
SELECT name FROM users WHERE id = 1;
-- session A
COMMIT;
-- session B
ALTER TABLE users ADD COLUMN locale text;
-- --8<-- [end:timeout]

-- --8<-- [start:validate]
-- session B
ALTER TABLE users ADD CONSTRAINT named
  CHECK (name <> '') NOT VALID;
-- Row 4 has no name: old, but any update must obey.
-- session A
UPDATE users SET email = 'd@shop.test' WHERE id = 4;
UPDATE users SET name = 'Dan' WHERE id = 4;
-- session B
BEGIN;
ALTER TABLE users VALIDATE CONSTRAINT named;
-- B has read every row and still holds its lock.
-- session A
UPDATE users SET name = 'Eva' WHERE id = 2;
-- session B
COMMIT;
-- --8<-- [end:validate]

-- --8<-- [start:index]
-- session A
BEGIN;
UPDATE users SET name = 'Ann' WHERE id = 1;
-- session B
RESET lock_timeout;
CREATE INDEX users_name ON users (name);
-- session C
UPDATE users SET name = 'Bea' WHERE id = 2;
-- session A
COMMIT;
-- --8<-- [end:index]

-- --8<-- [start:concurrently]
-- session A
BEGIN;
UPDATE users SET name = 'Amy' WHERE id = 1;
-- session B
CREATE INDEX CONCURRENTLY users_phone
  ON users (phone);
-- session C
UPDATE users SET name = 'Bob' WHERE id = 2;
-- session A
COMMIT;
-- --8<-- [end:concurrently]

-- --8<-- [start:invalid]
-- session A
BEGIN;
UPDATE users SET name = 'Ada' WHERE id = 1;
-- session B
SET lock_timeout = '100ms';
CREATE INDEX CONCURRENTLY users_email
  ON users (email);
SELECT relname, indisvalid FROM pg_index
  JOIN pg_class ON oid = indexrelid
  WHERE indrelid = 'users'::regclass ORDER BY 1;
-- session A
COMMIT;
-- session B
DROP INDEX CONCURRENTLY users_email;
-- --8<-- [end:invalid]
