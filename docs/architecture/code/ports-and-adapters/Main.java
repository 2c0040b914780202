import adapters.FileOrders;
import adapters.MemoryOrders;
import domain.DuplicateException;
import domain.Order;
import domain.Orders;
import domain.PlaceOrder;
import domain.Pricing;
import domain.RefusedException;
import handlers.Handlers;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** The tests of one use case on every adapter, and who imports whom. */
final class Main {
    private static final Pattern PACKAGE = Pattern.compile("(?m)^package (\\w+);");
    private static final Pattern IMPORT =
            Pattern.compile("(?m)^import (?:static )?([\\w.]+)\\.[\\w*]+;");
    private static final Set<String> VALUES = Set.of("java.time", "java.util");

    private Main() {}

    /** An adapter with the mistake that the tests must find. */
    private record CarelessOrders(Map<String, Order> orders) implements Orders {
        @Override
        public void add(Order order) {
            orders.put(order.number(), order);
        }

        @Override
        public Optional<Order> find(String number) {
            return Optional.ofNullable(orders.get(number));
        }
    }

    // --8<-- [start:show]
    /** The composition root of the tests: everything is passed in. */
    private static PlaceOrder useCase(Orders orders, int hour) {
        var now = LocalDateTime.of(2026, 3, 2, hour, 0).toInstant(ZoneOffset.UTC);
        var clock = Clock.fixed(now, ZoneOffset.UTC);
        return new PlaceOrder(orders, Pricing.SALE, clock, 2500);
    }

    private static boolean prices(Orders orders) {
        var place = useCase(orders, 10);
        return place.place("A-3", 3).cents() == 7500
                && place.place("A-4", 4).cents() == 9000;
    }

    private static boolean shipsNextDay(Orders orders) {
        var before = useCase(orders, 13).place("A-1", 1);
        var after = useCase(orders, 14).place("A-2", 1);
        return before.ships().getDayOfMonth() == 2
                && after.ships().getDayOfMonth() == 3;
    }

    private static boolean refusedIsNotStored(Orders orders) {
        try {
            useCase(orders, 10).place("A-1", 21);
            return false;
        } catch (RefusedException e) {
            return orders.find("A-1").isEmpty();
        }
    }

    private static boolean readBack(Orders orders) {
        useCase(orders, 10).place("A-1", 4);
        var expected = new Order("A-1", 9000, LocalDate.of(2026, 3, 2));
        return orders.find("A-1").equals(Optional.of(expected));
    }

    private static boolean secondIsRefused(Orders orders) {
        var place = useCase(orders, 10);
        place.place("A-1", 1);
        try {
            place.place("A-1", 2);
            return false;
        } catch (DuplicateException e) {
            return orders.find("A-1").orElseThrow().cents() == 2500;
        }
    }
    // --8<-- [end:show]

    private static void runTests(Path temporary) throws IOException {
        Map<String, Predicate<Orders>> tests = new LinkedHashMap<>();
        tests.put("three cost 75.00, four 90.00 in the sale", Main::prices);
        tests.put("an order at 14:00 ships the next day", Main::shipsNextDay);
        tests.put("a refused order is not stored", Main::refusedIsNotStored);
        tests.put("a stored order is read back unchanged", Main::readBack);
        tests.put("the same number twice is refused", Main::secondIsRefused);
        System.out.printf(
                "%-44smemory  files  careless%n", "tests of the use case, no database");
        for (var test : tests.entrySet()) {
            List<String> marks = new ArrayList<>();
            for (Orders orders : List.of(
                    new MemoryOrders(),
                    new FileOrders(Files.createTempDirectory(temporary, "")),
                    new CarelessOrders(new HashMap<>()))) {
                marks.add(test.getValue().test(orders) ? "ok" : "FAIL");
            }
            System.out.printf("  %-42s%-8s%-7s%s%n",
                    test.getKey(), marks.get(0), marks.get(1), marks.get(2));
        }
    }

    private static String brief(Handlers.Answer answer) {
        return answer.status() == 201
                ? answer.status() + " " + answer.text().split(" ")[0]
                : String.valueOf(answer.status());
    }

    private static void compareHandlers(Path temporary) throws IOException {
        Path folder = Files.createTempDirectory(temporary, "");
        PlaceOrder placeOrder = useCase(new MemoryOrders(), 10);
        Map<String, String> requests = new LinkedHashMap<>();
        requests.put("four pieces", "number=A-1&quantity=4");
        requests.put("the same number again", "number=A-1&quantity=1");
        requests.put("no pieces", "number=A-2&quantity=0");
        requests.put("quantity is a word", "number=A-3&quantity=many");
        System.out.printf(
                "%n%-44sfat         thin%n", "one request through both handlers");
        requests.forEach((name, body) -> System.out.printf("  %-42s%-12s%s%n",
                name,
                brief(Handlers.fat(folder, body)),
                brief(Handlers.thin(placeOrder, body))));
        var answer = Handlers.thin(placeOrder, "number=A-4&quantity=1");
        String day = answer.text().split(" ")[2];
        System.out.printf("  %-42s%-12s%s%n",
                "day of shipping, under test", "real clock", day);
    }

    private static Set<String> imports(String source) {
        Set<String> found = new TreeSet<>();
        IMPORT.matcher(source).results().map(m -> m.group(1)).forEach(found::add);
        return found;
    }

    private static void checkImports() throws IOException {
        Map<String, StringBuilder> sources = new TreeMap<>();
        try (Stream<Path> files = Files.list(Path.of(""))) {
            for (Path file : files.sorted().toList()) {
                if (file.toString().endsWith(".java")) {
                    String text = Files.readString(file);
                    PACKAGE.matcher(text).results().map(MatchResult::group).findFirst()
                            .map(line -> line.substring(8, line.length() - 1))
                            .ifPresent(name -> sources
                                    .computeIfAbsent(name, n -> new StringBuilder())
                                    .append(text));
                }
            }
        }
        System.out.printf("%nwho imports whom%n");
        for (String name : List.of("domain", "adapters", "handlers")) {
            Set<String> ours = imports(sources.get(name).toString());
            ours.retainAll(sources.keySet());
            String told = ours.isEmpty() ? "nothing of ours" : String.join(", ", ours);
            System.out.printf("  %-10s%s%n", name, told);
        }
        String domain = sources.get("domain").toString();
        String planted = domain + "\nimport adapters.FileOrders;\n";
        System.out.println("  domain keeps to its allow-list: " + keepsTo(domain));
        System.out.println("  with a planted import of adapters: " + keepsTo(planted));
    }

    private static String keepsTo(String source) {
        return VALUES.containsAll(imports(source)) ? "yes" : "no";
    }

    public static void main(String[] args) throws IOException {
        Path temporary = Files.createTempDirectory("orders");
        try {
            runTests(temporary);
            compareHandlers(temporary);
        } finally {
            try (Stream<Path> all = Files.walk(temporary)) {
                for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
                    Files.delete(path);
                }
            }
        }
        checkImports();
    }
}
