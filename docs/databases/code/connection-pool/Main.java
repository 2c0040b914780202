import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/** A connection pool: maximum, waiting line, timeout, lifetime, validation, leaks. */
public final class Main {
    /** No connection: timed out, closed, or returned twice. */
    static final class PoolException extends Exception {
        private static final long serialVersionUID = 1L;

        PoolException(String message) {
            super(message);
        }
    }

    /** Opens connections and keeps the time. */
    static final class Server {
        private long time;
        private int opened;
        private int closed;

        synchronized Connection connect() {
            opened++;
            return new Connection(this, opened, time);
        }

        synchronized long time() {
            return time;
        }

        synchronized void setTime(long seconds) {
            time = seconds;
        }

        synchronized void countClosed() {
            closed++;
        }

        synchronized int opened() {
            return opened;
        }

        synchronized int closed() {
            return closed;
        }
    }

    static final class Connection {
        final Server server;
        final int number;
        final long openedAt;
        volatile long idleSince;
        volatile boolean alive = true;

        Connection(Server server, int number, long openedAt) {
            this.server = server;
            this.number = number;
            this.openedAt = openedAt;
        }

        boolean ping() {
            return alive;
        }

        void close() {
            server.countClosed();
        }
    }

    record Settings(
            int maximum,
            long waitMillis,
            long lifetime,
            long testAfterIdle,
            long leakAfter) {
        static Settings of(int maximum, long waitMillis) {
            return new Settings(maximum, waitMillis, 1800, 30, 60);
        }
    }

    /** One borrowing; the connection may be lent again, the lease is over. */
    static final class Lease {
        final Connection connection;
        final String who;
        final long since;

        Lease(Connection connection, String who, long since) {
            this.connection = connection;
            this.who = who;
            this.since = since;
        }
    }

    static final class Pool {
        private final Supplier<Connection> connect;
        private final LongSupplier now;
        private final Settings settings;
        private final Object lock = new Object();
        private final Deque<Connection> idle = new ArrayDeque<>();
        private final Set<Lease> lent = new LinkedHashSet<>();
        private final Deque<CompletableFuture<Optional<Connection>>> waiters =
                new ArrayDeque<>();
        private int open;
        private boolean closed;

        Pool(Supplier<Connection> connect, LongSupplier now, Settings settings) {
            this.connect = connect;
            this.now = now;
            this.settings = settings;
        }

        // --8<-- [start:show]
        Lease acquire(String who) throws PoolException, InterruptedException {
            var place = new CompletableFuture<Optional<Connection>>();
            synchronized (lock) {
                if (closed) {
                    throw new PoolException("the pool is closed");
                }
                if (!idle.isEmpty()) {
                    place.complete(Optional.of(idle.pop())); // the one used last
                } else if (open < settings.maximum()) {
                    open++; // reserve the place, open outside the lock
                    place.complete(Optional.empty());
                } else {
                    waiters.add(place);
                }
            }
            Connection connection;
            var granted = await(place);
            try {
                connection = usable(granted);
            } catch (RuntimeException e) {
                synchronized (lock) {
                    passOn(Optional.empty()); // a failed attempt must not cost a place
                }
                throw e;
            }
            var lease = new Lease(connection, who, now.getAsLong());
            synchronized (lock) {
                lent.add(lease);
            }
            return lease;
        }

        void release(Lease lease) throws PoolException {
            var connection = lease.connection;
            boolean retire;
            synchronized (lock) {
                if (!lent.remove(lease)) {
                    throw new PoolException("this lease is over");
                }
                connection.idleSince = now.getAsLong();
                retire = closed || tooOld(connection);
                passOn(retire ? Optional.empty() : Optional.of(connection));
            }
            if (retire) {
                connection.close();
            }
        }

        /** To the first in line, so that nobody overtakes; else to the idle ones. */
        private void passOn(Optional<Connection> connection) {
            if (!waiters.isEmpty()) {
                waiters.remove().complete(connection); // without one: open your own
            } else if (connection.isPresent()) {
                idle.push(connection.get());
            } else {
                open--;
            }
        }

        // --8<-- [end:show]

        private Optional<Connection> await(
                CompletableFuture<Optional<Connection>> place)
                throws PoolException, InterruptedException {
            try {
                return place.get(settings.waitMillis(), TimeUnit.MILLISECONDS);
            } catch (ExecutionException e) {
                throw new PoolException(e.getCause().getMessage());
            } catch (TimeoutException e) {
                synchronized (lock) {
                    if (waiters.remove(place)) {
                        throw new PoolException("no connection in "
                                + settings.waitMillis() / 1000.0 + " s, "
                                + lent.size() + " of " + settings.maximum() + " lent");
                    }
                }
                return place.join(); // a hand-over at the last moment
            } catch (InterruptedException e) {
                synchronized (lock) {
                    if (!waiters.remove(place) && !place.isCompletedExceptionally()) {
                        passOn(place.join());
                    }
                }
                throw e;
            }
        }

        /** The given one if it is young and answers, else a new one in its place. */
        private Connection usable(Optional<Connection> granted) {
            if (granted.isPresent()) {
                var connection = granted.get();
                long unused = now.getAsLong() - connection.idleSince;
                boolean tested =
                        unused <= settings.testAfterIdle() || connection.ping();
                if (tested && !tooOld(connection)) {
                    return connection;
                }
                connection.close();
            }
            return connect.get();
        }

        private boolean tooOld(Connection connection) {
            return now.getAsLong() - connection.openedAt >= settings.lifetime();
        }

        List<String> leaks() {
            synchronized (lock) {
                return lent.stream()
                        .filter(lease -> age(lease) > settings.leakAfter())
                        .map(lease -> lease.who + " has held #"
                                + lease.connection.number
                                + " for " + age(lease) + " s")
                        .toList();
            }
        }

        private long age(Lease lease) {
            return now.getAsLong() - lease.since;
        }

        /** Refuse those who wait; what is lent is closed when it comes back. */
        void close() {
            synchronized (lock) {
                closed = true;
                waiters.forEach(place -> place.completeExceptionally(
                        new PoolException("the pool is closed")));
                waiters.clear();
                open -= idle.size();
                idle.forEach(Connection::close);
                idle.clear();
            }
        }

        String state() {
            synchronized (lock) {
                return lent.size() + " lent, " + waiters.size() + " waiting";
            }
        }
    }

    record Scene(Server server, Pool pool) {
        static Scene of(Settings settings) {
            var server = new Server();
            return new Scene(server, new Pool(server::connect, server::time, settings));
        }

        void until(String state) throws InterruptedException {
            for (int i = 0; i < 5000; i++) {
                if (pool.state().equals(state)) {
                    return;
                }
                Thread.sleep(1);
            }
            throw new IllegalStateException(pool.state() + ", expected " + state);
        }
    }

    static String messageOf(Callable<?> action) throws Exception {
        try {
            action.call();
        } catch (PoolException e) {
            return e.getMessage();
        }
        throw new IllegalStateException("a PoolException was expected");
    }

    static void fullPool() throws Exception {
        var scene = Scene.of(Settings.of(2, 50));
        var pool = scene.pool();
        var ana = pool.acquire("ana");
        var ben = pool.acquire("ben");
        System.out.printf("ana #%d, ben #%d%n",
                ana.connection.number, ben.connection.number);
        System.out.println("cyd: " + messageOf(() -> pool.acquire("cyd")));
        pool.release(ana);
        var cyd = pool.acquire("cyd");
        System.out.printf("ana returns, cyd #%d, opened %d%n",
                cyd.connection.number, scene.server().opened());
        var refusal = messageOf(() -> {
            pool.release(ana);
            return null;
        });
        System.out.printf("ana returns again: %s, cyd is safe, %s%n",
                refusal, pool.state());
    }

    static void waitingLine(ExecutorService threads) throws Exception {
        var scene = Scene.of(Settings.of(1, 5000));
        var pool = scene.pool();
        var first = pool.acquire("first");
        List<String> served = new ArrayList<>();
        List<Future<?>> borrowers = new ArrayList<>();
        for (String who : List.of("dan", "eve", "fay")) {
            borrowers.add(threads.submit(() -> {
                var lease = pool.acquire(who);
                served.add(who + " #" + lease.connection.number);
                pool.release(lease);
                return null;
            }));
            scene.until("1 lent, " + borrowers.size() + " waiting");
        }
        pool.release(first);
        for (var borrower : borrowers) {
            borrower.get(5, TimeUnit.SECONDS);
        }
        System.out.printf("in line: %s, opened %d%n",
                String.join(", ", served), scene.server().opened());
    }

    static void twoAtOnce(ExecutorService threads, int maximum) throws Exception {
        var pool = Scene.of(Settings.of(maximum, maximum == 2 ? 50 : 5000)).pool();
        var bothHoldOne = new CyclicBarrier(2);
        List<Future<Boolean>> requests = new ArrayList<>();
        for (String who : List.of("gil", "hal")) {
            requests.add(threads.submit(() -> {
                var outer = pool.acquire(who);
                bothHoldOne.await(5, TimeUnit.SECONDS);
                boolean finished = false;
                try {
                    pool.release(pool.acquire(who));
                    finished = true;
                } catch (PoolException e) { // keep the first until both have given up
                    bothHoldOne.await(5, TimeUnit.SECONDS);
                }
                pool.release(outer);
                return finished;
            }));
        }
        int finished = 0;
        for (var request : requests) {
            finished += request.get(10, TimeUnit.SECONDS) ? 1 : 0;
        }
        System.out.printf("two requests that need 2 each, pool of %d: %d finish%n",
                maximum, finished);
    }

    static void aging(ExecutorService threads) throws Exception {
        var scene = Scene.of(Settings.of(1, 5000));
        var pool = scene.pool();
        var server = scene.server();
        var ida = pool.acquire("ida");
        pool.release(ida);
        server.setTime(31);
        ida.connection.alive = false; // the database restarted, nobody was told
        ida = pool.acquire("ida");
        System.out.printf("#1 died while idle: ida #%d, closed %d%n",
                ida.connection.number, server.closed());
        pool.release(ida);
        server.setTime(2000);
        var joe = pool.acquire("joe");
        System.out.printf("#2 is too old: joe #%d, closed %d%n",
                joe.connection.number, server.closed());
        server.setTime(2061);
        System.out.println("leak: " + String.join("; ", pool.leaks()));
        var kim = threads.submit(() -> messageOf(() -> pool.acquire("kim")));
        scene.until("1 lent, 1 waiting");
        pool.close();
        var refusal = kim.get(5, TimeUnit.SECONDS);
        pool.release(joe);
        System.out.printf("close, kim: %s, opened %d, closed %d%n",
                refusal, server.opened(), server.closed());
    }

    public static void main(String[] args) throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(3);
        try {
            fullPool();
            waitingLine(threads);
            twoAtOnce(threads, 2);
            twoAtOnce(threads, 3);
            aging(threads);
        } finally {
            threads.shutdownNow();
        }
    }
}
