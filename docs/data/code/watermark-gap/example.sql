-- --8<-- [start:show]
CREATE TABLE orders (
    id    bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    cents integer NOT NULL,
    tx    xid8 NOT NULL DEFAULT pg_current_xact_id()
);
CREATE TABLE mart (id bigint PRIMARY KEY, cents integer NOT NULL);
CREATE TABLE safe_mart (LIKE mart INCLUDING ALL);
CREATE TABLE mark (id bigint NOT NULL, tx xid8 NOT NULL);
INSERT INTO mark VALUES (0, '0');

CREATE FUNCTION load_by_id() RETURNS bigint LANGUAGE sql AS $$
    WITH fresh AS (
        SELECT id, cents FROM orders WHERE id > (SELECT id FROM mark)
    ), loaded AS (
        INSERT INTO mart SELECT id, cents FROM fresh
    ), moved AS (
        UPDATE mark SET id = greatest(id, (SELECT max(id) FROM fresh))
    )
    SELECT count(*) FROM fresh
$$;

CREATE FUNCTION load_below_horizon() RETURNS bigint LANGUAGE sql AS $$
    WITH horizon AS (  -- every transaction below it has ended
        SELECT pg_snapshot_xmin(pg_current_snapshot()) AS tx
    ), fresh AS (
        SELECT o.id, o.cents FROM orders AS o, horizon AS h
        WHERE o.tx >= (SELECT tx FROM mark) AND o.tx < h.tx
    ), loaded AS (
        INSERT INTO safe_mart SELECT id, cents FROM fresh
    ), moved AS (
        UPDATE mark SET tx = (SELECT tx FROM horizon)
    )
    SELECT count(*) FROM fresh
$$;
-- --8<-- [end:show]
INSERT INTO orders (cents) VALUES (1000);
-- session A
-- --8<-- [start:gap]
BEGIN;
INSERT INTO orders (cents) VALUES (2000) RETURNING id;
-- session B
INSERT INTO orders (cents) VALUES (3000) RETURNING id;
SELECT load_by_id(), load_below_horizon();
-- session A
COMMIT;
-- session B
SELECT load_by_id(), load_below_horizon();
SELECT 'orders' AS place, sum(cents) FROM orders
UNION ALL SELECT 'mart', sum(cents) FROM mart
UNION ALL SELECT 'safe_mart', sum(cents) FROM safe_mart;
-- --8<-- [end:gap]
