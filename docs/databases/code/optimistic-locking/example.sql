CREATE TABLE accounts (
    id      integer PRIMARY KEY,
    balance integer NOT NULL CHECK (balance >= 0),
    version integer NOT NULL
);
INSERT INTO accounts VALUES (1, 100, 1);

-- --8<-- [start:show]
\echo 'Atomic: read, check and write in one statement'
UPDATE accounts SET balance = balance - 10 WHERE id = 1 AND balance >= 10;
\echo '  take 10, rows changed:' :ROW_COUNT
UPDATE accounts SET balance = balance - 500 WHERE id = 1 AND balance >= 500;
\echo '  take 500, rows changed:' :ROW_COUNT

\echo 'Version column: two clients read, both see this'
SELECT balance, version FROM accounts WHERE id = 1;
-- The first one takes 10 from the 90 that it saw.
UPDATE accounts SET balance = 80, version = version + 1
WHERE id = 1 AND version = 1;
\echo '  first client, rows changed:' :ROW_COUNT
-- The second one takes 20 from the same 90. Its version is gone.
UPDATE accounts SET balance = 70, version = version + 1
WHERE id = 1 AND version = 1;
\echo '  second client, rows changed:' :ROW_COUNT
\echo 'It reads again, then tries again'
SELECT balance, version FROM accounts WHERE id = 1;
UPDATE accounts SET balance = 60, version = version + 1
WHERE id = 1 AND version = 2;
\echo '  second client, rows changed:' :ROW_COUNT
SELECT balance, version FROM accounts WHERE id = 1;
-- --8<-- [end:show]
