CREATE TABLE orders (
    id       bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    customer text NOT NULL,
    cents    integer NOT NULL CHECK (cents > 0)
);
CREATE TABLE points (
    customer text PRIMARY KEY,
    points   integer NOT NULL
);

-- --8<-- [start:show]
CREATE TABLE outbox (
    id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    topic        text NOT NULL,
    payload      jsonb NOT NULL,
    published_at timestamptz
);
CREATE INDEX outbox_waiting ON outbox (id) WHERE published_at IS NULL;

-- In the consumer's own database, beside the tables that it changes.
CREATE TABLE inbox (
    consumer   text,
    message_id bigint,
    PRIMARY KEY (consumer, message_id)
);

-- The order service: both rows or none.
BEGIN;
INSERT INTO orders (customer, cents) VALUES ('ada', 1200), ('ben', 800), ('ada', 3000);
INSERT INTO outbox (topic, payload)
SELECT 'order-placed',
       json_build_object('order', id, 'customer', customer, 'cents', cents)
FROM orders ORDER BY id;
COMMIT;

\echo 'The relay claims a batch; another relay would skip these rows:'
BEGIN;
SELECT id, topic, payload
FROM outbox
WHERE published_at IS NULL
ORDER BY id
LIMIT 2
FOR UPDATE SKIP LOCKED;
-- Here it publishes. If it dies before the commit, the batch goes out again.
UPDATE outbox SET published_at = now() WHERE id IN (1, 2);
COMMIT;

\echo 'Still waiting:'
SELECT id FROM outbox WHERE published_at IS NULL;

-- The consumer: entry and effect in one statement, so in one transaction.
PREPARE consume (bigint, jsonb) AS
WITH first_time AS (
    INSERT INTO inbox (consumer, message_id) VALUES ('loyalty', $1)
    ON CONFLICT DO NOTHING
    RETURNING message_id
)
INSERT INTO points (customer, points)
SELECT $2->>'customer', ($2->>'cents')::integer / 100 FROM first_time
ON CONFLICT (customer) DO UPDATE SET points = points.points + excluded.points
RETURNING customer, points;

\echo 'Message 1 arrives:'
EXECUTE consume (1, '{"order": 1, "customer": "ada", "cents": 1200}');
\echo 'Message 1 arrives again:'
EXECUTE consume (1, '{"order": 1, "customer": "ada", "cents": 1200}');
\echo 'Message 3 arrives:'
EXECUTE consume (3, '{"order": 3, "customer": "ada", "cents": 3000}');
-- --8<-- [end:show]
