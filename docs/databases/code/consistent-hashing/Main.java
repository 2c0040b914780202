import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** Which node keeps a key: modulo, a hash ring, rendezvous hashing. */
public final class Main {
    private static final List<String> KEYS =
            IntStream.range(0, 10_000).mapToObj(number -> "user:" + number).toList();
    private static final List<String> FOUR = List.of("a", "b", "c", "d");
    private static final List<String> FIVE = List.of("a", "b", "c", "d", "e");
    private static final List<String> WITHOUT_C = List.of("a", "b", "d", "e");

    private record Move(String from, String to) {}

    /** The node of every key, in the order of the keys, for three sets of nodes. */
    private record Row(
            String label,
            List<String> four,
            List<String> five,
            List<String> withoutC) {}

    private static Row row(
            String label, Function<List<String>, UnaryOperator<String>> method) {
        return new Row(
                label,
                KEYS.stream().map(method.apply(FOUR)).toList(),
                KEYS.stream().map(method.apply(FIVE)).toList(),
                KEYS.stream().map(method.apply(WITHOUT_C)).toList());
    }

    private static Row ring(String label, int points) {
        return row(label, nodes -> new Ring(nodes, points)::nodeFor);
    }

    private static List<Move> moves(List<String> before, List<String> after) {
        return IntStream.range(0, KEYS.size())
                .mapToObj(number -> new Move(before.get(number), after.get(number)))
                .filter(move -> !move.from().equals(move.to()))
                .toList();
    }

    private static Map<String, Long> countBy(Collection<String> nodes) {
        return nodes.stream()
                .collect(Collectors.groupingBy(node -> node, Collectors.counting()));
    }

    private static void print(String format, Object... values) {
        System.out.println(String.format(Locale.ROOT, format, values));
    }

    public static void main(String[] args) {
        List<Row> rows = List.of(
                row("modulo", nodes -> key -> Choice.modulo(nodes, key)),
                ring("ring, 1 point a node", 1),
                ring("ring, 10 points", 10),
                ring("ring, 100 points", 100),
                ring("ring, 1,000 points", 1000),
                row("rendezvous", nodes -> key -> Choice.rendezvous(nodes, key)));

        print("10,000 keys on nodes a, b, c, d; e joins");
        print("                      moved  of these not to e");
        for (Row row : rows) {
            List<Move> joining = moves(row.four(), row.five());
            long toE = joining.stream().filter(move -> move.to().equals("e")).count();
            print("%-22s%5d%19d", row.label(), joining.size(), joining.size() - toE);
        }

        print("\nkeys per node            a     b     c     d     e  largest / mean");
        for (Row row : rows) {
            Map<String, Long> load = countBy(row.five());
            var cells = new StringBuilder();
            for (String node : FIVE) {
                long keys = load.getOrDefault(node, 0L);
                cells.append(String.format(Locale.ROOT, "%6d", keys));
            }
            long largest = Collections.max(load.values());
            long percent = largest * FIVE.size() * 100 / KEYS.size();
            print("%-20s%s%14d %%", row.label(), cells, percent);
        }

        print("\nc leaves              moved  of these not from c"
                + "  most of c's to one node");
        for (Row row : rows) {
            List<Move> leaving = moves(row.five(), row.withoutC());
            List<String> heirs =
                    leaving.stream()
                            .filter(move -> move.from().equals("c"))
                            .map(Move::to)
                            .toList();
            long most = Collections.max(countBy(heirs).values());
            int strays = leaving.size() - heirs.size();
            print("%-22s%5d%21d%25d", row.label(), leaving.size(), strays, most);
        }
    }
}

// --8<-- [start:show]
final class Hash {
    private Hash() {}

    /** One of 2^48 positions, the same in every process and language. */
    static long position(String text) {
        // hashCode() is stable but bad here: like names get neighboring numbers.
        try {
            MessageDigest sha = MessageDigest.getInstance("SHA-256");
            byte[] sum = sha.digest(text.getBytes(StandardCharsets.UTF_8));
            return ByteBuffer.wrap(sum).getLong() >>> 16; // never negative
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError("every Java platform has SHA-256", e);
        }
    }
}

/** Immutable: when nodes come or go, make a new one and swap it in. */
final class Ring {
    private record Point(long position, String node) {}

    private static final Comparator<Point> ORDER =
            Comparator.comparingLong(Point::position).thenComparing(Point::node);
    private final List<Point> points = new ArrayList<>();

    Ring(List<String> nodes, int pointsPerNode) {
        if (nodes.isEmpty() || pointsPerNode < 1) {
            throw new IllegalArgumentException("no nodes or no points");
        }
        for (String node : nodes) {
            for (int n = 0; n < pointsPerNode; n++) {
                points.add(new Point(Hash.position(node + "#" + n), node));
            }
        }
        points.sort(ORDER);
    }

    /** The node of the first point at the key's position or after it. */
    String nodeFor(String key) {
        // No node has an empty name: the search tells where the point would go.
        var wanted = new Point(Hash.position(key), "");
        int index = ~Collections.binarySearch(points, wanted, ORDER);
        return points.get(index % points.size()).node(); // after the last, the first
    }
}

final class Choice {
    private Choice() {}

    /** The node that draws the highest number for this key. */
    static String rendezvous(List<String> nodes, String key) {
        return Collections.max(
                nodes, Comparator.comparingLong(n -> Hash.position(n + "#" + key)));
    }

    static String modulo(List<String> nodes, String key) {
        return nodes.get((int) (Hash.position(key) % nodes.size()));
    }
}

// --8<-- [end:show]
