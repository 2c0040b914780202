import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/** Two sessions withdraw at once: one update is lost, then four ways keep both. */
final class Main {
    private static final String SCHEMA = """
            CREATE TABLE accounts (
                id      integer PRIMARY KEY,
                balance integer NOT NULL CHECK (balance >= 0),
                version integer NOT NULL
            );
            INSERT INTO accounts VALUES (1, 100, 1)""";
    private static final String RESET =
            "UPDATE accounts SET balance = 100, version = 1 WHERE id = 1";
    private static final String BLOCKED = """
            SELECT count(*) FROM pg_stat_activity
            WHERE pid = $1 AND wait_event_type = 'Lock'""";
    private static final Duration PATIENCE = Duration.ofSeconds(5);

    private final Postgres observer;
    private final List<Event> timeline =
            Collections.synchronizedList(new ArrayList<>());
    private final Session a;
    private final Session b;
    private final long backendOfB;
    private final ExecutorService pool;
    private Future<Boolean> running;

    private Main(Postgres observer, Postgres a, Postgres b, ExecutorService pool)
            throws IOException {
        this.observer = observer;
        this.a = new Session("A", a, timeline);
        this.b = new Session("B", b, timeline);
        this.pool = pool;
        backendOfB = b.query("SELECT pg_backend_pid() AS pid").get(0).getLong("pid");
    }

    @FunctionalInterface
    private interface Variant {
        void run() throws Exception;
    }

    private void run(String title, Variant variant) throws Exception {
        timeline.clear();
        observer.execute(RESET);
        variant.run();
        var told = new StringBuilder();
        String turn = "";
        for (Event event : List.copyOf(timeline)) {
            if (event.who().equals(turn)) {
                told.append(", ");
            } else {
                told.append(turn.isEmpty() ? "" : "; ").append(event.who()).append(' ');
            }
            told.append(event.what());
            turn = event.who();
        }
        long left = observer.query(Withdraw.READ).get(0).getLong("balance");
        String lost = Map.of(70L, "nothing", 80L, "the 10 of A", 90L, "the 20 of B")
                .get(left);
        System.out.printf("%n%s%n  %s%n  %d left, lost: %s%n", title, told, left, lost);
    }

    /** Starts work of B and returns when the server says that it waits for a lock. */
    private void startB(Postgres.Work work) throws IOException {
        running = pool.submit(() -> {
            work.run();
            return true;
        });
        Instant limit = Instant.now().plus(PATIENCE);
        while (observer.query(BLOCKED, backendOfB).get(0).getLong("count") == 0) {
            if (running.isDone() || Instant.now().isAfter(limit)) {
                throw new IllegalStateException("B never waited for a lock");
            }
            observer.query("SELECT pg_sleep(0.005)"); // seconds
        }
        b.note("waits");
    }

    private void finishB() throws Exception {
        running.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
    }

    private void lostUpdate() throws IOException {
        Postgres.Work rival = () -> Withdraw.readThenWrite(
                a, 10, () -> {}, Withdraw.READ_COMMITTED, Withdraw.READ);
        Withdraw.readThenWrite(b, 20, rival, Withdraw.READ_COMMITTED, Withdraw.READ);
    }

    private void atomic() throws Exception {
        a.transaction(Withdraw.READ_COMMITTED, () -> {
            Withdraw.atomicUpdate(a, 10);
            startB(() -> Withdraw.atomicUpdate(b, 20));
        });
        finishB();
    }

    private void version() throws IOException {
        Postgres.Work rival = once(() -> Withdraw.versionCheck(a, 10, () -> {}));
        Withdraw.retry(3, () -> Withdraw.versionCheck(b, 20, rival));
    }

    private void locked() throws Exception {
        Postgres.Work work = () -> Withdraw.readThenWrite(
                b, 20, () -> {}, Withdraw.READ_COMMITTED, Withdraw.LOCK);
        Withdraw.readThenWrite(
                a, 10, () -> startB(work), Withdraw.READ_COMMITTED, Withdraw.LOCK);
        finishB();
    }

    private void snapshot() throws IOException {
        Postgres.Work rival = once(() -> Withdraw.readThenWrite(
                a, 10, () -> {}, Withdraw.REPEATABLE_READ, Withdraw.READ));
        Withdraw.retry(3, () -> Withdraw.readThenWrite(
                b, 20, rival, Withdraw.REPEATABLE_READ, Withdraw.READ));
    }

    /** Works at the first call only: a retry must not bring the rival back. */
    private static Postgres.Work once(Postgres.Work work) {
        var done = new AtomicBoolean();
        return () -> {
            if (done.compareAndSet(false, true)) {
                work.run();
            }
        };
    }

    public static void main(String[] args) throws Exception {
        ExecutorService pool = Executors.newSingleThreadExecutor();
        try (var observer = Postgres.connect();
                var a = Postgres.connect();
                var b = Postgres.connect()) {
            observer.execute(SCHEMA);
            var experiment = new Main(observer, a, b, pool);
            System.out.println("From 100, A takes 10 and B takes 20 at the same time: "
                    + "70 must be left.");
            experiment.run("read, then write, READ COMMITTED", experiment::lostUpdate);
            experiment.run("atomic UPDATE", experiment::atomic);
            experiment.run("version column, retry", experiment::version);
            experiment.run("SELECT ... FOR UPDATE", experiment::locked);
            experiment.run("REPEATABLE READ, retry", experiment::snapshot);
        } finally {
            pool.shutdown();
        }
    }
}

record Event(String who, String what) {}

record Account(long balance, long version) {}

/** Somebody else wrote since the read. */
final class StaleException extends RuntimeException {
    private static final long serialVersionUID = 1L;
}

/** A connection that notes what it sees and does in a common timeline. */
record Session(String name, Postgres db, List<Event> timeline) {
    void note(String what) {
        timeline.add(new Event(name, what));
    }

    void transaction(String level, Postgres.Work work) throws IOException {
        db.transaction(() -> {
            db.execute(level);
            work.run();
        });
    }

    Account read(String sql) throws IOException {
        Postgres.Row row = db.query(sql).get(0);
        note("reads " + row.getLong("balance"));
        return new Account(row.getLong("balance"), row.getLong("version"));
    }

    /** Tells whether the statement met the row. */
    boolean write(String sql, Object... values) throws IOException {
        try {
            List<Postgres.Row> rows = db.query(sql, values);
            note(rows.isEmpty()
                    ? "meets no row"
                    : "writes " + rows.get(0).getLong("balance"));
            return !rows.isEmpty();
        } catch (Postgres.PostgresException refused) {
            note("gets " + refused.code());
            throw refused;
        }
    }
}

// --8<-- [start:show]
final class Withdraw {
    private static final String LEVEL = "SET TRANSACTION ISOLATION LEVEL ";
    static final String READ_COMMITTED = LEVEL + "READ COMMITTED";
    static final String REPEATABLE_READ = LEVEL + "REPEATABLE READ";
    static final String READ = "SELECT balance, version FROM accounts WHERE id = 1";
    static final String LOCK = READ + " FOR UPDATE";
    private static final String WRITE =
            "UPDATE accounts SET balance = $1 WHERE id = 1 RETURNING balance";
    private static final String SUBTRACT =
            "UPDATE accounts SET balance = balance - $1 WHERE id = 1 RETURNING balance";
    private static final String WRITE_VERSION = """
            UPDATE accounts SET balance = $1, version = version + 1
            WHERE id = 1 AND version = $2 RETURNING balance""";

    /** At READ COMMITTED a write during the pause is lost, unless LOCK made it wait. */
    static void readThenWrite(Session session, long amount, Postgres.Work pause,
            String level, String read) throws IOException {
        session.transaction(level, () -> {
            Account account = session.read(read);
            pause.run();
            session.write(WRITE, account.balance() - amount);
        });
    }

    /** Lets the server subtract: it locks the row and uses its newest version. */
    static void atomicUpdate(Session session, long amount) throws IOException {
        session.write(SUBTRACT, amount);
    }

    /** Holds no lock at all; a write during the pause leaves no row to meet. */
    static void versionCheck(Session session, long amount, Postgres.Work pause)
            throws IOException {
        Account account = session.read(READ);
        pause.run();
        long balance = account.balance() - amount;
        if (!session.write(WRITE_VERSION, balance, account.version())) {
            throw new StaleException();
        }
    }

    /** After a conflict runs the whole attempt again, from its first read on. */
    static void retry(int attempts, Postgres.Work attempt) throws IOException {
        for (int left = attempts - 1; ; left--) {
            try {
                attempt.run();
                return;
            } catch (StaleException | Postgres.PostgresException error) {
                if (!isConflict(error) || left == 0) {
                    throw error;
                }
            }
        }
    }

    private static boolean isConflict(RuntimeException error) {
        return error instanceof StaleException
                || error instanceof Postgres.PostgresException refused
                && refused.code().equals("40001");
    }
}
// --8<-- [end:show]
