import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.text.Normalizer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** Stops before the schema: the bytes are not a usable document. */
final class RefusedException extends Exception {
    private static final long serialVersionUID = 1;
    private final int status;

    RefusedException(int status, String reason) {
        super(reason);
        this.status = status;
    }

    int status() {
        return status;
    }
}

/** A small JSON parser: objects, arrays, strings, numbers, literals, no depth. */
final class Json {
    private static final Pattern TOKEN = Pattern.compile("[ \\t\\r\\n]*"
            + "(?:([{}\\[\\]:,])"
            + "|\"((?:[^\"\\\\\\x00-\\x1f]|\\\\(?:[\"\\\\/bfnrt]|u[0-9a-fA-F]{4}))*+)\""
            + "|(-?(?:0|[1-9][0-9]*)(?:\\.[0-9]+)?(?:[eE][+-]?[0-9]+)?)"
            + "|(true|false|null))[ \\t\\r\\n]*");
    private final String text;
    private final Matcher token;
    private int at;

    private Json(String text) {
        this.text = text;
        this.token = TOKEN.matcher(text);
    }

    static Object parse(String text) throws RefusedException {
        Json json = new Json(text);
        json.next();
        Object value = json.value();
        if (json.at != text.length()) {
            throw bad();
        }
        return value;
    }

    private static RefusedException bad() {
        return new RefusedException(400, "not JSON");
    }

    private void next() throws RefusedException {
        if (!token.find(at) || token.start() != at) {
            throw bad();
        }
        at = token.end();
    }

    private boolean is(String punctuation) {
        return punctuation.equals(token.group(1));
    }

    private Object value() throws RefusedException {
        if (is("{")) {
            return object();
        } else if (is("[")) {
            return array();
        } else if (token.group(2) != null) {
            return unescape(token.group(2));
        } else if (token.group(3) != null) {
            String number = token.group(3);
            try {
                return Long.valueOf(number);
            } catch (NumberFormatException notAnInteger) {
                return Double.valueOf(number);
            }
        } else if (token.group(4) != null) {
            String literal = token.group(4);
            return literal.equals("null") ? null : Boolean.valueOf(literal);
        }
        throw bad();
    }

    private Map<String, Object> object() throws RefusedException {
        Map<String, Object> members = new LinkedHashMap<>();
        next();
        while (!is("}")) {
            if (token.group(2) == null) {
                throw bad();
            }
            String name = unescape(token.group(2));
            next();
            if (!is(":")) {
                throw bad();
            }
            next();
            members.put(name, value());
            separate("}");
        }
        return members;
    }

    private List<Object> array() throws RefusedException {
        List<Object> items = new ArrayList<>();
        next();
        while (!is("]")) {
            items.add(value());
            separate("]");
        }
        return items;
    }

    private void separate(String end) throws RefusedException {
        next();
        if (is(",")) {
            next();
            if (is(end)) {
                throw bad();
            }
        } else if (!is(end)) {
            throw bad();
        }
    }

    private static String unescape(String raw) {
        return Pattern.compile("\\\\(?:u(....)|(.))").matcher(raw).replaceAll(match -> {
            String hex = match.group(1);
            char letter = hex != null
                    ? (char) Integer.parseInt(hex, 16)
                    : "\"\\/\b\f\n\r\t".charAt("\"\\/bfnrt".indexOf(match.group(2)));
            return Matcher.quoteReplacement(String.valueOf(letter));
        });
    }

    static String write(Object value) {
        if (value instanceof Map<?, ?> map) {
            return map.entrySet().stream()
                    .map(e -> write(e.getKey()) + ":" + write(e.getValue()))
                    .collect(Collectors.joining(",", "{", "}"));
        } else if (value instanceof String string) {
            return '"' + string.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
        }
        return String.valueOf(value);
    }
}

final class Rules {
    private static final Set<String> RESERVED = Set.of("admin", "root", "support");

    private Rules() {}

    /** One script keeps look-alikes out; which one is a product decision. */
    static String handle(String name) {
        if (!name.matches("[\\p{IsLatin}0-9_]*")) {
            return "only Latin letters, digits and _";
        }
        return RESERVED.contains(name) ? "is reserved" : "";
    }

    /** Shape only: whether it exists is found out by writing to it. */
    static String email(String address) {
        int at = address.lastIndexOf('@');
        String domain = address.substring(at + 1);
        boolean bad = at < 1 || address.codePoints().anyMatch(Character::isISOControl);
        for (String label : domain.split("\\.", -1)) {
            bad |= label.isEmpty() || label.chars().anyMatch(Character::isWhitespace);
        }
        return bad ? "must look like name@domain" : "";
    }

    static String fold(String name) {
        String lower = Normalizer.normalize(name, Normalizer.Form.NFKC)
                .toLowerCase(Locale.ROOT);
        return Normalizer.normalize(lower, Normalizer.Form.NFKC);
    }
}

/** low and high: characters of a string, value of an integer. */
record Field(Class<?> kind, long low, long high, Object fallback,
        UnaryOperator<String> clean, Function<String, String> rule) {
    private static final Map<Class<?>, String> NOUNS = Map.of(String.class, "a string",
            Long.class, "an integer", Boolean.class, "true or false");

    static Field text(long low, long high, UnaryOperator<String> clean,
            Function<String, String> rule) {
        return new Field(String.class, low, high, null, clean, rule);
    }

    static Field plain(Class<?> kind, long low, long high, Object fallback) {
        return new Field(kind, low, high, fallback, text -> text, text -> "");
    }

    String noun() {
        return NOUNS.get(kind);
    }
}

// --8<-- [start:show]
final class Schema {
    static final Map<String, Field> FIELDS = new LinkedHashMap<>();

    static {
        FIELDS.put("user_name", Field.text(3, 20, Rules::fold, Rules::handle));
        FIELDS.put("email", Field.text(3, 254, text -> text, Rules::email));
        FIELDS.put("age", Field.plain(Long.class, 16, 130, null));
        FIELDS.put("newsletter", Field.plain(Boolean.class, 0, 1, null));
        FIELDS.put("invites", Field.plain(Long.class, 0, 5, 0L));
        FIELDS.put("bio", Field.plain(String.class, 0, 160, ""));
    }

    static List<String> validate(
            Map<String, Object> payload, Map<String, Object> values) {
        List<String> errors = new ArrayList<>();
        FIELDS.forEach((name, field) -> {
            if (!payload.containsKey(name)) { // absent, which is not the same as null
                if (field.fallback() == null) {
                    errors.add(name + ": is required");
                }
                values.put(name, field.fallback());
                return;
            }
            Object value = payload.get(name);
            String message = "";
            if (!field.kind().isInstance(value)) {
                message = "must be " + field.noun();
            } else if (value instanceof String text) {
                String clean = field.clean().apply(text); // normalize, then check
                message = field.rule().apply(clean);
                long length = clean.codePoints().count();
                if (length < field.low() || length > field.high()) {
                    message = "must have %d to %d characters"
                            .formatted(field.low(), field.high());
                }
                value = clean;
            } else if (value instanceof Long n
                    && (n < field.low() || n > field.high())) {
                message = "must be %d to %d".formatted(field.low(), field.high());
            }
            if (!message.isEmpty()) {
                errors.add(name + ": " + message);
            }
            values.put(name, value);
        });
        payload.keySet().stream().filter(name -> !FIELDS.containsKey(name))
                .forEach(name -> errors.add(name + ": unknown field"));
        return errors;
    }

    private Schema() {}
}

// --8<-- [end:show]

/** The row in the database, named as in JSON: more than a visitor may set. */
final class User {
    Object user_name = "";
    Object email = "";
    Object age = 0L;
    Object newsletter = false;
    Object invites = 0L;
    Object bio = "";
    Object role = "member";

    void set(String name, Object value) throws ReflectiveOperationException {
        User.class.getDeclaredField(name).set(this, value);
    }
}

record Answer(int status, String message) {}

final class Shop {
    static final int MAX_BYTES = 16 * 1024;
    static final int MAX_DEPTH = 8;
    final Map<String, User> users = new LinkedHashMap<>();

    Answer signUp(byte[] body) throws Exception {
        Map<String, Object> payload;
        try {
            payload = parse(new ByteArrayInputStream(body));
        } catch (RefusedException refused) {
            return new Answer(refused.status(), refused.getMessage());
        }
        Map<String, Object> values = new LinkedHashMap<>();
        List<String> errors = Schema.validate(payload, values);
        if (!errors.isEmpty()) {
            return new Answer(422, String.join("; ", errors));
        }
        User user = new User();
        for (String name : Schema.FIELDS.keySet()) { // only the fields of the schema
            user.set(name, values.get(name));
        }
        // In production the unique index decides.
        if (users.putIfAbsent((String) values.get("user_name"), user) != null) {
            return new Answer(409, "user_name: is taken");
        }
        return new Answer(201, "");
    }

    static Map<String, Object> parse(InputStream stream)
            throws IOException, RefusedException {
        byte[] body = stream.readNBytes(MAX_BYTES + 1); // the limit and one, no more
        if (body.length > MAX_BYTES) {
            throw new RefusedException(413, "more than " + MAX_BYTES + " bytes");
        }
        String text;
        try {
            text = StandardCharsets.UTF_8.newDecoder()
                    .decode(ByteBuffer.wrap(body)).toString();
        } catch (CharacterCodingException notUtf8) {
            throw new RefusedException(400, "not JSON");
        }
        if (tooDeep(text)) {
            throw new RefusedException(400, "nested deeper than " + MAX_DEPTH);
        }
        if (Json.parse(text) instanceof Map<?, ?> map) {
            Map<String, Object> payload = new LinkedHashMap<>();
            map.forEach((name, value) -> payload.put((String) name, value));
            return payload;
        }
        throw new RefusedException(400, "not an object");
    }

    /** Counts brackets outside strings, before a parser recurses into them. */
    private static boolean tooDeep(String text) {
        int depth = 0;
        boolean quoted = false;
        boolean escaped = false;
        for (char letter : text.toCharArray()) {
            if (escaped) {
                escaped = false;
            } else if (quoted && letter == '\\') {
                escaped = true;
            } else if (letter == '"') {
                quoted = !quoted;
            } else if (!quoted && (letter == '[' || letter == '{')) {
                depth++;
                if (depth > MAX_DEPTH) {
                    return true;
                }
            } else if (!quoted && (letter == ']' || letter == '}')) {
                depth--;
            }
        }
        return false;
    }
}

/** Sends good, bad and hostile payloads to the shop. */
public final class Main {
    private Main() {}

    private static User bindEverything(byte[] body) throws Exception {
        User user = new User();
        for (Map.Entry<String, Object> e
                : Shop.parse(new ByteArrayInputStream(body)).entrySet()) {
            user.set(e.getKey(), e.getValue());
        }
        return user;
    }

    private static User bindKnown(byte[] body) throws Exception {
        Map<String, Object> payload = Shop.parse(new ByteArrayInputStream(body));
        User user = new User();
        for (String name : Schema.FIELDS.keySet()) {
            if (payload.containsKey(name)) {
                user.set(name, payload.get(name));
            }
        }
        return user;
    }

    /** A good payload with changes: name, value, name, value. */
    private static byte[] changed(Object... changes) {
        Map<String, Object> payload = new LinkedHashMap<>();
        payload.put("user_name", "ada");
        payload.put("email", "ada@example.com");
        payload.put("age", 36);
        payload.put("newsletter", true);
        for (int i = 0; i < changes.length; i += 2) {
            payload.put((String) changes[i], changes[i + 1]);
        }
        payload.values().removeIf("absent"::equals);
        return bytes(Json.write(payload));
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static String escaped(String text) {
        return text.chars()
                .mapToObj(c -> c < 0x7f ? "" + (char) c : "\\u%04x".formatted(c))
                .collect(Collectors.joining());
    }

    private static void row(String label, int status, String message) {
        String line = "  %-22s%-7d%s".formatted(label, status, message);
        System.out.println(line.stripTrailing());
    }

    private static void check(String label, byte[] body) throws Exception {
        Answer answer = new Shop().signUp(body);
        row(label, answer.status(), answer.message());
    }

    public static void main(String[] args) throws Exception {
        System.out.println("payload                 status errors");
        String good = new String(changed(), StandardCharsets.UTF_8);
        check("good", changed());
        check("false, 0 and empty",
                changed("newsletter", false, "invites", 0, "bio", ""));
        check("odd but valid e-mail", changed("email", "\"ada l\"+tag@localhost"));
        check("17 KB", changed("bio", "x".repeat(17_000)));
        check("100 brackets deep", bytes("[".repeat(100) + "]".repeat(100)));
        check("cut off", bytes(good.substring(0, good.length() - 1)));
        check("NaN", bytes("{\"age\": NaN}"));
        check("e-mail missing", changed("email", "absent"));
        check("null", changed("newsletter", null));
        check("age as a string", changed("age", "36"));
        check("age as true", changed("age", true));
        check("two out of range", changed("age", 7, "invites", 6));
        check("e-mail ..@x..y", changed("email", "..@x..y"));
        check("misspelled field", changed("newsleter", true));

        System.out.println("\nrole=admin in the body  status role stored");
        byte[] attack = changed("role", "admin");
        row("binds everything", 201, (String) bindEverything(attack).role);
        row("binds known fields", 201, (String) bindKnown(attack).role);
        Answer refused = new Shop().signUp(attack);
        row("strict schema", refused.status(), "none, " + refused.message());

        System.out.println("\nuser name, one shop     status outcome");
        Shop shop = new Shop();
        for (String name : List.of(
                "Zoe\u0308", "ZO\u00cb", "\uff41dmin", "\u0430dmin", "ad\u200dmin")) {
            Answer answer = shop.signUp(changed("user_name", name));
            String message = answer.message();
            if (message.isEmpty()) {
                message = "stored as " + escaped(shop.users.keySet().iterator().next());
            }
            row(escaped(name), answer.status(), message);
        }
    }
}
