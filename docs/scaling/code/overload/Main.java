import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import java.util.function.IntUnaryOperator;
import java.util.stream.Collectors;

/** A server offered more than it can do, in virtual milliseconds. */
public final class Main {
    /** Milliseconds a client waits for the answer to one attempt. */
    private static final int PATIENCE = 500;

    private static final int UNBOUNDED = 1_000_000_000;

    private Main() {}

    /** The same small generator in every language. */
    private static final class Lcg {
        private int state = 1;

        int below(int n) {
            state = (state * 1103515245 + 12345) & 0x7fffffff;
            return (state >> 8) % n;
        }
    }

    private static final class Attempt {
        final boolean critical;
        final int number;
        final int sent;
        boolean answered;

        Attempt(boolean critical, int number, int sent) {
            this.critical = critical;
            this.number = number;
            this.sent = sent;
        }
    }

    // --8<-- [start:show]
    /** Decides at the door and again when a worker is free. */
    private static final class Admission {
        int limit; // requests waiting or in work
        final int reserved; // of these, only for critical requests
        boolean dropExpired;
        final boolean adaptive;
        final int target = 200; // ms, for the adaptive limit
        private int slowest;
        private boolean wasFull;

        Admission(int limit, int reserved, boolean dropExpired, boolean adaptive) {
            this.limit = limit;
            this.reserved = reserved;
            this.dropExpired = dropExpired;
            this.adaptive = adaptive;
        }

        boolean admit(int inside, boolean critical) {
            int room = limit - (critical ? 0 : reserved);
            wasFull |= inside >= room;
            return inside < room;
        }

        /** Only while the client will still be there when the work is done. */
        boolean worthStarting(int age, int work) {
            return !dropExpired || age + work <= PATIENCE;
        }

        void observe(int latency) {
            slowest = Math.max(slowest, latency);
        }

        /** Multiplicative decrease when slow; one more when full and proven fast. */
        void every100ms() {
            if (adaptive && slowest > target) {
                limit = Math.max(1, limit * 9 / 10);
            } else if (adaptive && wasFull && slowest > 0) {
                limit++;
            }
            slowest = 0;
            wasFull = false;
        }
    }

    // --8<-- [end:show]

    /** What happened in a part of the run. */
    private static final class Window {
        int attempts;
        int good;
        int late;
        int shed;
        int critical;
        int criticalGood;
        int waiting;
        int limit;
        final List<Integer> latencies = new ArrayList<>();

        void count(Attempt done, int latency) {
            if (latency > PATIENCE) {
                late++;
                return;
            }
            done.answered = true;
            good++;
            criticalGood += done.critical ? 1 : 0;
            latencies.add(latency);
        }
    }

    /** May turn a knob, or touch the queue, at any millisecond. */
    private interface Change {
        void apply(int now, Admission admission, Deque<Attempt> queue);

        static Change none() {
            return (now, admission, queue) -> {};
        }

        static Change at(int ms, BiConsumer<Admission, Deque<Attempt>> action) {
            return (now, admission, queue) -> {
                if (now == ms) {
                    action.accept(admission, queue);
                }
            };
        }
    }

    private record Scenario(
            int seconds,
            int rate,
            int tries,
            int every,
            IntUnaryOperator service,
            Change change) {
        /** One worker, rate requests a second; counts in windows. */
        List<Window> run(Admission admission) {
            Lcg random = new Lcg();
            Map<Integer, List<Attempt>> again = new HashMap<>();
            Deque<Attempt> queue = new ArrayDeque<>();
            List<Window> windows = new ArrayList<>();
            Attempt busy = null;
            int freeAt = 0;
            for (int now = 0; now < seconds * 1000; now++) {
                if (now % every == 0) {
                    windows.add(new Window());
                }
                if (now % 100 == 0) {
                    admission.every100ms();
                }
                change.apply(now, admission, queue);
                Window w = windows.get(windows.size() - 1);
                List<Attempt> arriving = new ArrayList<>();
                if (random.below(1000) < rate) {
                    arriving.add(new Attempt(random.below(5) == 0, 1, now));
                }
                List<Attempt> due = again.remove(now);
                for (Attempt old : due == null ? List.<Attempt>of() : due) {
                    if (!old.answered && old.number < tries) {
                        arriving.add(new Attempt(old.critical, old.number + 1, now));
                    }
                }
                if (!arriving.isEmpty()) {
                    again.put(now + PATIENCE, arriving);
                }
                for (Attempt attempt : arriving) {
                    w.attempts++;
                    w.critical += attempt.critical ? 1 : 0;
                    int inside = queue.size() + (busy == null ? 0 : 1);
                    if (admission.admit(inside, attempt.critical)) {
                        queue.add(attempt);
                    } else {
                        w.shed++;
                    }
                }
                if (busy != null && now >= freeAt) {
                    admission.observe(now - busy.sent);
                    w.count(busy, now - busy.sent);
                    busy = null;
                }
                int work = service.applyAsInt(now);
                while (busy == null && !queue.isEmpty() && work > 0) {
                    Attempt head = queue.remove();
                    if (admission.worthStarting(now - head.sent, work)) {
                        busy = head;
                        freeAt = now + work;
                    } else {
                        w.shed++;
                    }
                }
                w.waiting = queue.size();
                w.limit = admission.limit;
            }
            return windows;
        }
    }

    private static void print(String format, Object... values) {
        System.out.print(String.format(format, values) + "\n");
    }

    private static void overloadRow(String name, Admission admission) {
        Scenario steady = new Scenario(30, 150, 1, 30_000, now -> 10, Change.none());
        Window w = steady.run(admission).get(0);
        List<Integer> sorted = w.latencies.stream().sorted().toList();
        print(
                "%-24s%6d%8d%11d%8d%16d%%",
                name,
                w.good / 30,
                w.late / 30,
                w.shed / 30,
                sorted.get(sorted.size() / 2),
                w.criticalGood * 100 / w.critical);
    }

    private static void adaptiveRow(String name, Admission admission) {
        IntUnaryOperator service = now -> now >= 10_000 && now < 20_000 ? 25 : 10;
        Scenario slowing =
                new Scenario(30, 150, 1, 10_000, service, Change.none());
        List<Window> windows = slowing.run(admission);
        String good =
                windows.stream()
                        .map(w -> String.format("%5d", w.good / 10))
                        .collect(Collectors.joining());
        String limits =
                windows.stream()
                        .map(w -> String.format("%4d", w.limit))
                        .collect(Collectors.joining());
        print("%s: good/s%s, limit at the end of each%s", name, good, limits);
    }

    private static List<Window> storm(Change change) {
        IntUnaryOperator service = now -> now >= 10_000 && now < 13_000 ? 0 : 10;
        return new Scenario(45, 80, 4, 5000, service, change)
                .run(new Admission(UNBOUNDED, 0, false, false));
    }

    private static void shed(Admission admission, Deque<Attempt> queue) {
        admission.limit = 20;
        admission.dropExpired = true;
    }

    private static void instead(String name, Change change) {
        String rates =
                storm(change).stream()
                        .map(w -> String.format("%4d", w.good / 5))
                        .collect(Collectors.joining());
        print("%-36s%s", name, rates);
    }

    public static void main(String[] args) {
        print("100/s possible, 150/s offered for 30 s, clients wait 500 ms");
        print(
                "                        good/s  late/s     shed/s  p50 ms"
                        + "  critical served");
        overloadRow("unbounded queue", new Admission(UNBOUNDED, 0, false, false));
        overloadRow("  and expired dropped", new Admission(UNBOUNDED, 0, true, false));
        overloadRow("at most 20 inside", new Admission(20, 0, false, false));
        overloadRow("  10 for critical", new Admission(20, 10, false, false));

        print("");
        print("10 ms a request, 25 ms from 10 to 20 s, 150/s offered");
        adaptiveRow("fixed limit 40", new Admission(40, 0, false, false));
        adaptiveRow("AIMD, start 40", new Admission(40, 0, false, true));

        print("");
        print("80/s of 100/s, up to 4 tries; stall 10-13 s; shedding on from 30 s");
        print("seconds  tries/s  good/s  late/s     shed/s  waiting");
        int start = 0;
        for (Window w : storm(Change.at(30_000, Main::shed))) {
            print(
                    "%3d-%-3d%9d%8d%8d%11d%9d",
                    start,
                    start + 5,
                    w.attempts / 5,
                    w.good / 5,
                    w.late / 5,
                    w.shed / 5,
                    w.waiting);
            start += 5;
        }
        print("good/s of the same windows, if instead");
        instead(
                "the queue is emptied once at 30 s",
                Change.at(30_000, (admission, queue) -> queue.clear())); // a restart
        instead(
                "it is only bounded, from 30 s",
                Change.at(30_000, (admission, queue) -> admission.limit = 20));
        instead(
                "only the expired are skipped",
                Change.at(30_000, (admission, queue) -> admission.dropExpired = true));
        instead("shedding is on from the start", Change.at(0, Main::shed));
    }
}
