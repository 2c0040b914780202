-- Split products.price, such as '12.50 EUR', into cents and currency.
\pset border 0
\pset footer off
CREATE TABLE products (id bigint PRIMARY KEY, price text NOT NULL);
INSERT INTO products SELECT n, n || '.50 EUR' FROM generate_series(1, 9) AS n;

-- --8<-- [start:show]
SET lock_timeout = '2s'; -- a migration gives up; it does not make users wait

\echo '1. Expand: metadata only. v1 goes on; then deploy v2, which writes both'
ALTER TABLE products ADD COLUMN cents bigint, ADD COLUMN currency text;
INSERT INTO products VALUES (10, '10.50 EUR', 1050, 'EUR'); -- v2
UPDATE products SET price = '10.99 EUR' WHERE id = 10;      -- v1, still alive

\echo '2. Wait until v2 is everywhere: nobody writes the old column alone'
\echo '3. Back-fill in batches that commit one by one, then constrain'
CREATE TABLE progress (upto bigint PRIMARY KEY, filled bigint NOT NULL);
CREATE PROCEDURE back_fill(batch bigint) LANGUAGE plpgsql AS $$
DECLARE
    after bigint := coalesce((SELECT max(upto) FROM progress), 0); -- restart
    upto bigint;
    filled bigint;
BEGIN
    LOOP
        SELECT max(id) INTO upto FROM (
            SELECT id FROM products WHERE id > after ORDER BY id LIMIT batch
        ) AS page;
        EXIT WHEN upto IS NULL;
        UPDATE products
        SET cents = (split_part(price, ' ', 1)::numeric * 100)::bigint,
            currency = split_part(price, ' ', 2)
        WHERE id > after AND id <= upto AND (cents, currency) IS DISTINCT FROM (
            (split_part(price, ' ', 1)::numeric * 100)::bigint,
            split_part(price, ' ', 2));
        GET DIAGNOSTICS filled = ROW_COUNT;
        INSERT INTO progress VALUES (upto, filled);
        COMMIT; -- lets go of the locks, and of the old row versions for vacuum
        after := upto;
    END LOOP;
END $$;
CALL back_fill(4);
SELECT upto, filled FROM progress ORDER BY upto;
ALTER TABLE products ADD CONSTRAINT split_known -- binds new rows at once
    CHECK (cents IS NOT NULL AND currency IS NOT NULL) NOT VALID;
ALTER TABLE products VALIDATE CONSTRAINT split_known; -- reads all, blocks none

\echo '4. Deploy v3, which reads the new columns and still writes both'
\echo '5. Let go of the old column, then deploy v4, which writes only the new'
ALTER TABLE products ALTER COLUMN price DROP NOT NULL;
INSERT INTO products (id, cents, currency) VALUES (11, 1111, 'EUR'); -- v4

\echo '6. Contract, when v3 is gone everywhere and the numbers are right'
ALTER TABLE products DROP COLUMN price;
ALTER TABLE products ALTER COLUMN cents SET NOT NULL, -- proved by split_known:
    ALTER COLUMN currency SET NOT NULL;               -- no row is read
ALTER TABLE products DROP CONSTRAINT split_known;
SELECT id, cents, currency FROM products WHERE id > 8 ORDER BY id;
-- --8<-- [end:show]
