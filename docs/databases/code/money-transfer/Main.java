import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;

/** Transfers between accounts: all or nothing, tried again where that is safe. */
final class Main {
    private static final String SCHEMA = """
            CREATE TABLE accounts (
                id    integer PRIMARY KEY,
                coins integer NOT NULL CONSTRAINT not_overdrawn CHECK (coins >= 0)
            );
            CREATE TABLE transfers (
                key       text PRIMARY KEY,
                source_id integer NOT NULL REFERENCES accounts,
                target_id integer NOT NULL REFERENCES accounts,
                coins     integer NOT NULL CHECK (coins > 0)
            );
            INSERT INTO accounts VALUES (1, 100), (2, 100), (3, 100)""";
    private static final String BLOCKED = """
            SELECT count(*) FROM pg_stat_activity
            WHERE pid = $1 AND wait_event_type = 'Lock'""";
    private static final Duration PATIENCE = Duration.ofSeconds(5);

    private final Postgres observer;
    private final Postgres a;
    private final Postgres b;
    private final ExecutorService pool;
    private Future<String> running;
    private int number;

    private Main(Postgres observer, Postgres a, Postgres b, ExecutorService pool) {
        this.observer = observer;
        this.a = a;
        this.b = b;
        this.pool = pool;
    }

    @FunctionalInterface
    private interface Step {
        void run() throws Exception;
    }

    private void run(String title, String key, long coins) throws Exception {
        run(title, key, coins, () -> {}, () -> {});
    }

    /** Moves coins from 1 to 2; first runs between the updates of attempt one. */
    private void run(
            String title, String key, long coins, Postgres.Work first, Step then)
            throws Exception {
        System.out.printf("%n%s%n", title);
        number = 0;
        Postgres.Work between = () -> {
            if (number == 1) {
                first.run();
            }
        };
        try {
            Transfers.retry(4, () -> {
                number++;
                try {
                    String answer = Transfers.transfer(a, key, 1, 2, coins, between);
                    System.out.printf("  attempt %d: %s%n", number, answer);
                    return answer;
                } catch (Postgres.PostgresException refused) {
                    System.out.printf("  attempt %d: %s%n", number, refused.code());
                    then.run();
                    throw refused;
                }
            });
        } catch (Postgres.PostgresException refused) {
            System.out.printf("  given up: %s%n", refused.code());
        }
        balances();
    }

    private void balances() throws IOException {
        var held = new StringBuilder();
        long sum = 0;
        for (var row : observer.query("SELECT coins FROM accounts ORDER BY id")) {
            held.append(' ').append(row.getLong("coins"));
            sum += row.getLong("coins");
        }
        System.out.printf("  held:%s, sum %d%n", held, sum);
    }

    private void look() throws IOException {
        String sql = "SELECT coins FROM accounts WHERE id = 2";
        long own = a.query(sql).get(0).getLong("coins");
        long other = observer.query(sql).get(0).getLong("coins");
        System.out.printf("  between the updates account 2 has %d, "
                + "for others still %d%n", own, other);
    }

    /** Starts t6 in B and returns when the server says that it waits for a lock. */
    private void startCrossing() throws IOException {
        List<Postgres.Row> own = b.query("SELECT pg_backend_pid() AS pid");
        long backendOfB = own.get(0).getLong("pid");
        running = pool.submit(() -> Transfers.transfer(b, "t6", 2, 1, 5, () -> {}));
        Instant limit = Instant.now().plus(PATIENCE);
        while (observer.query(BLOCKED, backendOfB).get(0).getLong("count") == 0) {
            if (running.isDone() || Instant.now().isAfter(limit)) {
                throw new IllegalStateException("B never waited for a lock");
            }
            observer.query("SELECT pg_sleep(0.005)"); // seconds
        }
    }

    private void deadlock() throws Exception {
        // A looks for a deadlock after 10 ms, B much later: A will be the victim.
        a.execute("SET deadlock_timeout = '10ms'");
        b.execute("SET deadlock_timeout = '4s'");
        run("t5: 1 pays 20 to 2, while t6 pays 5 from 2 to 1", "t5", 20,
                this::startCrossing,
                () -> running.get(PATIENCE.toSeconds(), TimeUnit.SECONDS));
    }

    public static void main(String[] args) throws Exception {
        ExecutorService pool = Executors.newSingleThreadExecutor();
        try (var observer = Postgres.connect();
                var a = Postgres.connect();
                var b = Postgres.connect()) {
            observer.execute(SCHEMA);
            System.out.println("Three accounts with 100 coins each: "
                    + "the sum must stay 300.");
            var experiment = new Main(observer, a, b, pool);
            experiment.run("t1: 1 pays 30 to 2", "t1", 30);
            experiment.run("t2: 1 pays 900 to 2", "t2", 900, experiment::look, () -> {});
            experiment.run("t3: 1 pays 20 to 2, t4 commits 10 from 1 to 3 in between",
                    "t3", 20, () -> Transfers.transfer(b, "t4", 1, 3, 10, () -> {}),
                    () -> {});
            experiment.deadlock();
            experiment.run("t5 again: the client never got the answer", "t5", 20);
        } finally {
            pool.shutdown();
        }
    }
}

// --8<-- [start:show]
final class Transfers {
    private static final String SERIALIZABLE =
            "SET TRANSACTION ISOLATION LEVEL SERIALIZABLE";
    private static final String CLAIM = """
            INSERT INTO transfers VALUES ($1, $2, $3, $4)
            ON CONFLICT (key) DO NOTHING""";
    private static final String MOVE =
            "UPDATE accounts SET coins = coins + $1 WHERE id = $2";
    private static final Set<String> TRANSIENT =
            Set.of("40001", "40P01"); // serialization failure, deadlock

    interface Attempt<T> {
        T run() throws Exception;
    }

    /** One transaction: the key, the credit and the debit, or none of them. */
    static String transfer(Postgres db, String key, long source, long target,
            long coins, Postgres.Work between) throws IOException {
        return db.transaction(() -> {
            db.execute(SERIALIZABLE);
            if (db.execute(CLAIM, key, source, target, coins) == 0) {
                return "done before";
            }
            move(db, coins, target);
            between.run();
            move(db, -coins, source); // the CHECK refuses what is not there
            return "moved";
        });
    }

    /** Counts, because an UPDATE that meets no row is no error. */
    private static void move(Postgres db, long coins, long account)
            throws IOException {
        if (db.execute(MOVE, coins, account) != 1) {
            throw new IllegalArgumentException("no account " + account);
        }
    }

    /** Runs the whole transaction again, if the server says that this may help. */
    static <T> T retry(int attempts, Attempt<T> attempt) throws Exception {
        for (int number = 1; ; number++) {
            try {
                return attempt.run();
            } catch (Postgres.PostgresException error) {
                if (!TRANSIENT.contains(error.code()) || number >= attempts) {
                    throw error;
                }
            }
            long full = 10L << number; // full jitter: rivals part
            Thread.sleep(ThreadLocalRandom.current().nextLong(full));
        }
    }
}
// --8<-- [end:show]
