-- Amounts in cents. Credits are positive: what we owe or earned. Debits are negative: what we own.
CREATE ROLE ledger_app;

-- --8<-- [start:show]
CREATE TABLE accounts (
    id      text PRIMARY KEY,
    bounded boolean NOT NULL,             -- must it stay at zero or above?
    slots   smallint NOT NULL DEFAULT 1,  -- sub-balances of a hot account
    UNIQUE (id, bounded)
);
CREATE TABLE balances (
    account text NOT NULL,
    bounded boolean NOT NULL,
    slot    smallint NOT NULL,
    cents   bigint NOT NULL DEFAULT 0,
    PRIMARY KEY (account, slot),
    FOREIGN KEY (account, bounded) REFERENCES accounts (id, bounded),
    CONSTRAINT not_overdrawn CHECK (cents >= 0 OR NOT bounded)
);
CREATE TABLE transfers (
    id    bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    key   text NOT NULL UNIQUE,           -- one key, one effect
    moves jsonb NOT NULL,                 -- the request, compared on a repeat
    lines smallint NOT NULL CHECK (lines >= 2)
);
CREATE TABLE entries (
    transfer bigint NOT NULL REFERENCES transfers,
    account  text NOT NULL,
    slot     smallint NOT NULL,
    cents    bigint NOT NULL CHECK (cents <> 0),
    PRIMARY KEY (transfer, account, slot),
    FOREIGN KEY (account, slot) REFERENCES balances
);

-- Checked at COMMIT: every transfer has all its lines, and they sum to zero.
CREATE FUNCTION check_transfer() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    t bigint := coalesce(to_jsonb(NEW) ->> 'transfer', to_jsonb(NEW) ->> 'id');
    wanted integer := (SELECT lines FROM transfers WHERE id = t);
    found integer; total numeric;
BEGIN
    SELECT count(*), coalesce(sum(cents), 0) INTO found, total
    FROM entries WHERE transfer = t;
    IF found <> wanted OR total <> 0 THEN
        RAISE EXCEPTION '% of % lines, sum %', found, wanted, total
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER entries_balance AFTER INSERT ON entries
    DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION check_transfer();
CREATE CONSTRAINT TRIGGER transfers_balance AFTER INSERT ON transfers
    DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION check_transfer();
-- --8<-- [end:show]

-- The one way to post: the app's role may call it, and read.
CREATE FUNCTION post(k text, m jsonb) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    t bigint; before jsonb; line record;
BEGIN
    INSERT INTO transfers (key, moves, lines)
    VALUES (k, m, (SELECT count(*) FROM jsonb_object_keys(m)))
    ON CONFLICT (key) DO NOTHING RETURNING id INTO t;
    IF t IS NULL THEN
        -- The row lock is written to the log, so the commit of a repeat also waits for the
        -- standby, and the answer never confirms a transfer that exists on one machine only.
        SELECT moves INTO before FROM transfers WHERE key = k FOR KEY SHARE;
        IF before <> m THEN
            RAISE EXCEPTION 'key % has other moves', k;
        END IF;
        RETURN 'replayed';
    END IF;
    -- Balances are locked in one order everywhere, so two transfers cannot deadlock.
    FOR line IN
        SELECT a.id, (t % a.slots)::smallint AS slot, p.value::bigint AS cents
        FROM jsonb_each_text(m) AS p JOIN accounts AS a ON a.id = p.key
        ORDER BY a.id
    LOOP
        INSERT INTO entries VALUES (t, line.id, line.slot, line.cents);
        UPDATE balances SET cents = cents + line.cents
        WHERE account = line.id AND slot = line.slot;
    END LOOP;
    RETURN 'posted';
END $$;
REVOKE ALL ON FUNCTION post FROM PUBLIC;
GRANT EXECUTE ON FUNCTION post TO ledger_app;
GRANT SELECT ON accounts, balances, transfers, entries TO ledger_app;
GRANT INSERT ON entries TO ledger_app;  -- too much, to show that the trigger holds

-- A payout waits here for the bank; the report is what the bank says it did.
CREATE TABLE payouts (
    id    text PRIMARY KEY,
    payee text NOT NULL REFERENCES accounts,
    cents bigint NOT NULL,
    state text NOT NULL CHECK (state IN ('pending', 'paid', 'failed'))
);
CREATE TABLE report (
    payout text PRIMARY KEY,
    cents  bigint NOT NULL,
    result text NOT NULL CHECK (result IN ('paid', 'returned'))
);
GRANT SELECT, INSERT, UPDATE ON payouts, report TO ledger_app;

-- One verdict for each difference, also for payouts that are already decided.
CREATE VIEW reconciliation AS
SELECT coalesce(p.id, r.payout) AS payout,
       CASE
           WHEN p.id IS NULL THEN 'alarm: not ours'
           WHEN r.payout IS NULL THEN 'ask the bank'
           WHEN r.cents <> p.cents THEN 'alarm: other amount'
           WHEN p.state <> 'pending' THEN 'alarm: decided otherwise'
           WHEN r.result = 'paid' THEN 'settle'
           ELSE 'give back'
       END AS verdict
FROM payouts AS p FULL JOIN report AS r ON r.payout = p.id
WHERE p.id IS NULL OR p.state = 'pending' OR r.cents <> p.cents
   OR (r.result = 'paid') <> (p.state = 'paid');
GRANT SELECT ON reconciliation TO ledger_app;

-- One payout, one transaction. The row lock makes a second worker wait and then do nothing.
CREATE FUNCTION settle(wanted text) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    p payouts; paid boolean; done text;
BEGIN
    SELECT * INTO p FROM payouts WHERE id = wanted FOR UPDATE;
    SELECT verdict = 'settle' INTO paid FROM reconciliation
    WHERE payout = wanted AND verdict IN ('settle', 'give back');
    IF paid IS NULL THEN
        RETURN 'nothing to do';
    END IF;
    done := post('end-out:' || p.id, jsonb_build_object(
        'transit', -p.cents,
        CASE WHEN paid THEN 'bank' ELSE p.payee END, p.cents
    ));
    UPDATE payouts SET state = CASE WHEN paid THEN 'paid' ELSE 'failed' END
    WHERE id = p.id;
    RETURN done;
END $$;
REVOKE ALL ON FUNCTION settle FROM PUBLIC;
GRANT EXECUTE ON FUNCTION settle TO ledger_app;

CREATE FUNCTION open_account(account text, is_bounded boolean) RETURNS void
LANGUAGE sql AS $$
    INSERT INTO accounts VALUES (account, is_bounded);
    INSERT INTO balances VALUES (account, is_bounded, 0);
$$;
DO $$
BEGIN
    PERFORM open_account(a, true)
    FROM unnest(ARRAY['ada', 'ada:held', 'bob', 'seller', 'transit']) AS a;
    PERFORM open_account(a, false) FROM unnest(ARRAY['card', 'bank', 'fees']) AS a;
    PERFORM post('topup:1', '{"card": -10000, "ada": 10000}');
    PERFORM post('topup:2', '{"card": -10000, "bob": 10000}');
    PERFORM post('payin:1', '{"bank": -20000, "card": 20000}');
END $$;

-- session A
\pset tuples_only on
\pset format unaligned
\pset fieldsep ' '
SET ROLE ledger_app;
-- session B
\pset tuples_only on
\pset format unaligned
\pset fieldsep ' '
SET ROLE ledger_app;

-- session A
-- --8<-- [start:rules]
-- Money from nothing: refused when the transaction ends.
SELECT post('bug:1', '{"ada": -500, "seller": 5000}');
-- A pair slipped into an old transfer sums to zero.
BEGIN;
INSERT INTO entries VALUES (1, 'seller', 0, 700);
INSERT INTO entries VALUES (1, 'fees', 0, -700);
COMMIT;
-- More than there is, and history rewritten.
SELECT post('pay:1', '{"ada": -20000, "bob": 20000}');
UPDATE entries SET cents = 1 WHERE account = 'ada';
-- --8<-- [end:rules]

-- --8<-- [start:keys]
-- A hold is a transfer. Its request arrives twice.
BEGIN;
SELECT post('hold:7', '{"ada": -8000, "ada:held": 8000}');
-- session B
SELECT post('hold:7', '{"ada": -8000, "ada:held": 8000}');
-- session A
COMMIT;
-- Capture and expiry want to end the hold: one key.
BEGIN;
SELECT post('end:7',
    '{"ada:held": -8000, "ada": 500,
      "seller": 7275, "fees": 225}');
-- session B
SELECT post('end:7', '{"ada:held": -8000, "ada": 8000}');
-- session A
COMMIT;
SELECT account, cents FROM balances
WHERE account IN ('ada', 'ada:held', 'seller', 'fees')
ORDER BY account;
-- --8<-- [end:keys]

-- --8<-- [start:timeout]
-- Payouts: take the money and note the call, then call.
BEGIN;
INSERT INTO payouts VALUES
    ('1', 'bob', 3000, 'pending'),
    ('2', 'bob', 2000, 'pending'),
    ('3', 'bob', 1000, 'pending');
SELECT post('out:1', '{"bob": -3000, "transit": 3000}');
SELECT post('out:2', '{"bob": -2000, "transit": 2000}');
SELECT post('out:3', '{"bob": -1000, "transit": 1000}');
COMMIT;
-- All three calls timed out. Next day the bank reports:
INSERT INTO report VALUES
    ('1', 3000, 'paid'), ('2', 2000, 'returned'),
    ('9', 4400, 'paid');
SELECT * FROM reconciliation ORDER BY payout;
SELECT settle('1');
SELECT settle('2');
SELECT settle('3');
-- A second run settles nothing twice.
SELECT settle('1');
SELECT id, state FROM payouts ORDER BY id;
SELECT account, cents FROM balances
WHERE account IN ('bank', 'bob', 'transit')
ORDER BY account;
-- Too late: the bank took payout 1 back after all.
UPDATE report SET result = 'returned' WHERE payout = '1';
SELECT * FROM reconciliation ORDER BY payout;
-- --8<-- [end:timeout]

-- --8<-- [start:hot]
-- Every payment credits one fee row: the second waits.
BEGIN;
SELECT post('fee:1', '{"ada": -100, "fees": 100}');
-- session B
SELECT post('fee:2', '{"bob": -100, "fees": 100}');
-- session A
COMMIT;
-- Four slots; a transfer credits the slot of its number.
RESET ROLE;
INSERT INTO balances (account, bounded, slot)
SELECT 'fees', false, n FROM generate_series(1, 3) AS n;
UPDATE accounts SET slots = 4 WHERE id = 'fees';
BEGIN;
SELECT post('fee:3', '{"ada": -100, "fees": 100}');
-- session B
SELECT post('fee:4', '{"bob": -100, "fees": 100}');
-- session A
COMMIT;
SELECT sum(cents), count(*) FILTER (WHERE cents > 0)
FROM balances WHERE account = 'fees';
-- --8<-- [end:hot]

-- --8<-- [start:audit]
-- The audit: all money, and balances against entries.
SELECT sum(cents) FROM entries;
SELECT count(*) AS balances_that_differ
FROM balances AS b LEFT JOIN (
    SELECT account, slot, sum(cents) AS total
    FROM entries GROUP BY account, slot
) AS e USING (account, slot)
WHERE b.cents <> coalesce(e.total, 0);
-- --8<-- [end:audit]
