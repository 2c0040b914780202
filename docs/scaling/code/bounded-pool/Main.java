import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.RejectedExecutionHandler;
import java.util.concurrent.Semaphore;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;

/** A worker pool with a bounded queue: reject, drop the oldest, or block. */
public final class Main {
    private Main() {}

    private static final class Results {
        final List<Integer> ran = new CopyOnWriteArrayList<>();
        final List<Integer> refused = new CopyOnWriteArrayList<>();
        final List<Integer> dropped = new CopyOnWriteArrayList<>();
        final List<Integer> expired = new CopyOnWriteArrayList<>();
    }

    // --8<-- [start:show]
    private static final class Pool {
        final Results results = new Results();
        private final AtomicInteger clock;
        private final ThreadPoolExecutor executor;

        Pool(int capacity, String policy, AtomicInteger clock) {
            this.clock = clock;
            RejectedExecutionHandler whenFull =
                    switch (policy) {
                        case "reject" -> new ThreadPoolExecutor.AbortPolicy();
                        case "drop-oldest" -> this::dropOldest;
                        default -> Pool::block;
                    };
            var queue = new ArrayBlockingQueue<Runnable>(capacity);
            executor =
                    new ThreadPoolExecutor(1, 1, 0, TimeUnit.SECONDS, queue, whenFull);
        }

        boolean submit(Job job) {
            try {
                executor.execute(new Timed(job, this));
                return true;
            } catch (RejectedExecutionException full) {
                results.refused.add(job.number());
                return false;
            }
        }

        private void dropOldest(Runnable newest, ThreadPoolExecutor pool) {
            refuseIfShutDown(pool);
            if (pool.getQueue().poll() instanceof Timed oldest) {
                results.dropped.add(oldest.job().number());
            }
            pool.execute(newest);
        }

        /** Backpressure: the caller waits its turn. */
        private static void block(Runnable newest, ThreadPoolExecutor pool) {
            refuseIfShutDown(pool);
            try {
                if (!pool.getQueue().offer(newest, 5, TimeUnit.SECONDS)) {
                    throw new RejectedExecutionException("still full after 5 s");
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new RejectedExecutionException(e);
            }
        }

        /** The handler is also called after shutdown, and no worker is left then. */
        private static void refuseIfShutDown(ThreadPoolExecutor pool) {
            if (pool.isShutdown()) {
                throw new RejectedExecutionException("pool is shut down");
            }
        }

        void run(Job job) {
            if (clock.get() > job.deadline()) {
                results.expired.add(job.number()); // nobody waits for it any more
            } else {
                job.work().run();
                results.ran.add(job.number());
            }
        }

        void close() throws InterruptedException {
            executor.shutdown();
            executor.awaitTermination(5, TimeUnit.SECONDS);
        }
    }

    // --8<-- [end:show]

    private record Job(int number, Runnable work, int deadline) {
        Job(int number, Runnable work) {
            this(number, work, Integer.MAX_VALUE);
        }
    }

    private record Timed(Job job, Pool pool) implements Runnable {
        @Override
        public void run() {
            pool.run(job);
        }
    }

    /** A job that says when it has begun and ends when the gate is opened. */
    private record Held(CountDownLatch started, CountDownLatch gate)
            implements Runnable {
        Held() {
            this(new CountDownLatch(1), new CountDownLatch(1));
        }

        @Override
        public void run() {
            started.countDown();
            await(gate);
        }
    }

    private static void await(CountDownLatch latch) {
        try {
            if (!latch.await(5, TimeUnit.SECONDS)) {
                throw new IllegalStateException("too late");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static String numbers(List<Integer> values) {
        if (values.isEmpty()) {
            return "-";
        }
        return values.stream().map(String::valueOf).collect(Collectors.joining(" "));
    }

    /** One worker, held by job 1; two places in the queue; jobs 2 to 6 follow. */
    private static void sixJobs(String policy) throws InterruptedException {
        Pool pool = new Pool(2, policy, new AtomicInteger());
        Held held = new Held();
        Semaphore handed = new Semaphore(0);
        Thread submitter =
                new Thread(
                        () -> {
                            pool.submit(new Job(1, held));
                            handed.release();
                            await(held.started());
                            for (int number = 2; number <= 6; number++) {
                                pool.submit(new Job(number, () -> {}));
                                handed.release();
                            }
                        });
        submitter.start();
        // The fourth submit of "block" cannot return before the gate is open.
        int certain = policy.equals("block") ? 3 : 6;
        handed.tryAcquire(certain, 5, TimeUnit.SECONDS);
        boolean blocked =
                certain < 6 && !handed.tryAcquire(50, TimeUnit.MILLISECONDS);
        held.gate().countDown();
        submitter.join(5_000);
        pool.close();
        System.out.printf(
                "%-12sran %-12srefused %-6sdropped %-6scaller %s%n",
                policy,
                numbers(pool.results.ran),
                numbers(pool.results.refused),
                numbers(pool.results.dropped),
                blocked ? "waits after " + certain : "never waits");
    }

    /** Job 2 may wait 100 ms, job 3 may wait 900; the worker is held for 500. */
    private static void expiry() throws InterruptedException {
        AtomicInteger clock = new AtomicInteger();
        Pool pool = new Pool(2, "reject", clock);
        Held held = new Held();
        pool.submit(new Job(1, held));
        await(held.started());
        pool.submit(new Job(2, () -> {}, 100));
        pool.submit(new Job(3, () -> {}, 900));
        clock.set(500);
        held.gate().countDown();
        pool.close();
        System.out.printf(
                "deadlines   ran %-12sexpired %s%n",
                numbers(pool.results.ran),
                numbers(pool.results.expired));
    }

    public static void main(String[] args) throws InterruptedException {
        System.out.println("one worker, held by job 1; queue of 2; jobs 2 to 6 arrive");
        for (String policy : List.of("reject", "drop-oldest", "block")) {
            sixJobs(policy);
        }
        System.out.println(
                "the worker is held for 500 ms; job 2 is due at 100, job 3 at 900");
        expiry();
    }
}
