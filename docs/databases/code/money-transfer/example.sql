CREATE TABLE accounts (
    id    integer PRIMARY KEY,
    coins integer NOT NULL
          CONSTRAINT not_overdrawn CHECK (coins >= 0)
);
INSERT INTO accounts VALUES (1, 100), (2, 100);
CREATE TABLE vouchers (
    code text PRIMARY KEY
);
INSERT INTO vouchers VALUES ('SPRING');

-- session A
\pset tuples_only on
\pset format unaligned
\pset fieldsep ' '
-- session B
\pset tuples_only on
\pset format unaligned
\pset fieldsep ' '

-- session A
-- --8<-- [start:refused]
-- Credit first, so that there is something to take back.
BEGIN;
UPDATE accounts SET coins = coins + 900 WHERE id = 2;
SELECT coins FROM accounts WHERE id = 2;
-- session B
SELECT coins FROM accounts WHERE id = 2;
-- session A
UPDATE accounts SET coins = coins - 900 WHERE id = 1;
SELECT coins FROM accounts WHERE id = 2;
COMMIT;
SELECT id, coins FROM accounts ORDER BY id;
-- --8<-- [end:refused]

-- --8<-- [start:savepoint]
-- A voucher is worth a try; the payment must not die of it.
BEGIN;
UPDATE accounts SET coins = coins - 30 WHERE id = 1;
UPDATE accounts SET coins = coins + 30 WHERE id = 2;
SAVEPOINT voucher;
INSERT INTO vouchers VALUES ('SPRING');
ROLLBACK TO SAVEPOINT voucher;
COMMIT;
SELECT id, coins FROM accounts ORDER BY id;
-- --8<-- [end:savepoint]

-- --8<-- [start:show]
-- An UPDATE that meets no row is no error. Count!
BEGIN;
UPDATE accounts SET coins = coins - 20 WHERE id = 1;
UPDATE accounts SET coins = coins + 20 WHERE id = 7;
COMMIT;
SELECT sum(coins) FROM accounts;
-- --8<-- [end:show]
