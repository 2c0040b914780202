-- Cents. Credits are positive: what we earned. Debits are negative: what we own or spent.

-- --8<-- [start:show]
CREATE TABLE payments (
    id       text PRIMARY KEY,
    captured bigint NOT NULL CHECK (captured > 0),
    returned bigint NOT NULL DEFAULT 0 CHECK (returned >= 0)
);
CREATE TABLE transfers (
    ref  text PRIMARY KEY,  -- one reference, one effect
    line text NOT NULL      -- the report line that it explains
);
CREATE TABLE entries (
    ref      text NOT NULL REFERENCES transfers,
    account  text NOT NULL CHECK (account IN
        ('provider', 'bank', 'sales', 'refunds', 'chargebacks', 'fees')),
    currency text NOT NULL,
    cents    bigint NOT NULL CHECK (cents <> 0),
    PRIMARY KEY (ref, account, currency)
);

-- Checked at COMMIT: each transfer sums to zero in each currency.
CREATE FUNCTION check_zero() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    wrong text := (
        SELECT min(format('%s sums to %s %s', ref, total, currency))
        FROM (SELECT ref, currency, sum(cents) AS total FROM entries
              WHERE ref IN (NEW.ref, OLD.ref)  -- an update may touch two
              GROUP BY ref, currency) AS t
        WHERE total <> 0);
BEGIN
    IF wrong IS NOT NULL THEN
        RAISE EXCEPTION '%', wrong USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER zero AFTER INSERT OR UPDATE OR DELETE ON entries
    DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION check_zero();

-- What the provider says it owes us, line by line.
CREATE TABLE report (line text PRIMARY KEY, net bigint NOT NULL);
CREATE VIEW differences AS
SELECT line, ours.net AS ours, report.net AS theirs,
       CASE WHEN ours.net IS NULL THEN 'missing here'
            WHEN report.net IS NULL THEN 'missing there'
            ELSE 'other amount' END AS verdict
FROM (SELECT line, -sum(cents) AS net
      FROM entries JOIN transfers USING (ref)
      WHERE account = 'provider' GROUP BY line) AS ours
FULL JOIN report USING (line)
WHERE ours.net IS DISTINCT FROM report.net;
-- --8<-- [end:show]

CREATE FUNCTION post(wanted text, explains text, moves jsonb) RETURNS text
LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO transfers VALUES (wanted, explains) ON CONFLICT DO NOTHING;
    IF NOT FOUND THEN
        RETURN 'replayed';
    END IF;
    INSERT INTO entries
    SELECT wanted, key, 'EUR', value::bigint FROM jsonb_each_text(moves);
    RETURN 'posted';
END $$;

CREATE FUNCTION capture(wanted text, payment text, amount bigint, fee bigint)
RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    done text := post(wanted, wanted, jsonb_build_object(
        'sales', amount, 'fees', -fee, 'provider', fee - amount));
BEGIN
    IF done = 'posted' THEN
        INSERT INTO payments VALUES (payment, amount);
    END IF;
    RETURN done;
END $$;

-- Our decision: refused if less is left. The row lock makes a second one wait.
CREATE FUNCTION refund(wanted text, payment text, amount bigint)
RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    done text := post(wanted, wanted, jsonb_build_object(
        'refunds', -amount, 'provider', amount));
BEGIN
    IF done = 'posted' THEN
        UPDATE payments SET returned = returned + amount
        WHERE id = payment AND captured - returned >= amount;
        IF NOT FOUND THEN
            RAISE EXCEPTION 'less than % is left of %', amount, payment;
        END IF;
    END IF;
    RETURN done;
END $$;

-- Their fact: it has happened, so it is recorded without a limit.
CREATE FUNCTION chargeback(wanted text, payment text, amount bigint, fee bigint)
RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    done text := post(wanted, wanted, jsonb_build_object(
        'chargebacks', -amount, 'fees', -fee, 'provider', amount + fee));
BEGIN
    IF done = 'posted' THEN
        UPDATE payments SET returned = returned + amount WHERE id = payment;
    END IF;
    RETURN done;
END $$;

-- session A
\pset tuples_only on
\pset format unaligned
\pset fieldsep ' '
-- session B
\pset tuples_only on
\pset format unaligned

-- session A
-- --8<-- [start:life]
-- 100.00 and 50.00 captured, minus fees; 40.00 refunded.
SELECT capture('ch_1', 'p1', 10000, 165);
SELECT capture('ch_2', 'p2', 5000, 95);
SELECT refund('re_1', 'p1', 4000);
SELECT refund('re_1', 'p1', 4000);
-- Two agents refund the remaining 60.00 at once.
BEGIN;
SELECT refund('re_2', 'p1', 6000);
-- session B
SELECT refund('re_3', 'p1', 6000);
-- session A
COMMIT;
-- A chargeback takes 50.00 and a fee of 15.00.
SELECT chargeback('dp_1', 'p2', 5000, 1500);
SELECT refund('re_4', 'p2', 5000);
-- A posting that forgets the fee.
SELECT post('ch_3', 'ch_3',
    '{"sales": 3000, "provider": -2930}');
SELECT account, sum(cents) FROM entries
GROUP BY account ORDER BY account;
-- One entry of an old transfer disappears.
DELETE FROM entries WHERE ref = 're_1' AND account = 'refunds';
-- --8<-- [end:life]

-- --8<-- [start:report]
-- The provider's report of the day.
INSERT INTO report VALUES ('ch_1', 9835),
    ('ch_2', 4880), ('re_1', -4000), ('re_2', -6000),
    ('dp_1', -6500), ('ch_9', 2930);
SELECT * FROM differences ORDER BY line;
-- A lost webhook: book it. Another fee: correct it.
SELECT capture('ch_9', 'p9', 3000, 70);
SELECT post('fix_1', 'ch_2',
    '{"fees": -25, "provider": 25}');
SELECT count(*) FROM differences;
-- What the provider owes us, by both books.
SELECT (SELECT -sum(cents) FROM entries
        WHERE account = 'provider') AS ours,
       (SELECT sum(net) FROM report) AS theirs;
SELECT sum(cents) FROM entries;
-- --8<-- [end:report]
