import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** As much of JSON as a contract needs; a project would take Jackson. */
final class Json {
    private static final int MAX_DEPTH = 64;

    private final String text;
    private int at;
    private int depth;

    private Json(String text) {
        this.text = text;
    }

    /** Maps in order, lists, strings, BigDecimal, Boolean and null. */
    static Object parse(String text) {
        var parser = new Json(text);
        Object value = parser.value();
        parser.blank();
        if (parser.at < text.length()) {
            throw parser.bad();
        }
        return value;
    }

    static String write(Object value) {
        if (value instanceof Map<?, ?> map) {
            var parts = new ArrayList<String>();
            map.forEach((name, item) -> parts.add(write(name) + ":" + write(item)));
            return "{" + String.join(",", parts) + "}";
        }
        if (value instanceof List<?> list) {
            var parts = list.stream().map(Json::write).toList();
            return "[" + String.join(",", parts) + "]";
        }
        if (value instanceof String string) {
            return "\"" + string.replace("\\", "\\\\").replace("\"", "\\\"") + "\"";
        }
        return String.valueOf(value);
    }

    private Object value() {
        blank();
        if (++depth > MAX_DEPTH || at >= text.length()) {
            throw bad();
        }
        Object value =
                switch (text.charAt(at)) {
                    case '{' -> object();
                    case '[' -> array();
                    case '"' -> string();
                    case 't' -> word("true", true);
                    case 'f' -> word("false", false);
                    case 'n' -> word("null", null);
                    default -> number();
                };
        depth--;
        return value;
    }

    private Map<String, Object> object() {
        var found = new LinkedHashMap<String, Object>();
        at++;
        if (next('}')) {
            return found;
        }
        do {
            blank();
            String name = string();
            expect(':');
            found.put(name, value());
        } while (next(','));
        expect('}');
        return found;
    }

    private List<Object> array() {
        var found = new ArrayList<Object>();
        at++;
        if (next(']')) {
            return found;
        }
        do {
            found.add(value());
        } while (next(','));
        expect(']');
        return found;
    }

    private String string() {
        expect('"');
        var found = new StringBuilder();
        while (at < text.length() && text.charAt(at) != '"') {
            char c = text.charAt(at++);
            found.append(c == '\\' ? escaped() : c);
        }
        expect('"');
        return found.toString();
    }

    private char escaped() {
        if (at >= text.length()) {
            throw bad();
        }
        char c = text.charAt(at++);
        return switch (c) {
            case '"', '\\', '/' -> c;
            case 'b' -> '\b';
            case 'f' -> '\f';
            case 'n' -> '\n';
            case 'r' -> '\r';
            case 't' -> '\t';
            case 'u' -> {
                if (at + 4 > text.length()) {
                    throw bad();
                }
                yield (char) Integer.parseInt(text.substring(at, at += 4), 16);
            }
            default -> throw bad();
        };
    }

    private Object word(String word, Object value) {
        if (!text.startsWith(word, at)) {
            throw bad();
        }
        at += word.length();
        return value;
    }

    private BigDecimal number() {
        int start = at;
        while (at < text.length() && "+-.0123456789eE".indexOf(text.charAt(at)) >= 0) {
            at++;
        }
        return new BigDecimal(text.substring(start, at));
    }

    private void expect(char c) {
        if (!next(c)) {
            throw bad();
        }
    }

    private boolean next(char c) {
        blank();
        if (at >= text.length() || text.charAt(at) != c) {
            return false;
        }
        at++;
        return true;
    }

    private void blank() {
        while (at < text.length() && " \t\r\n".indexOf(text.charAt(at)) >= 0) {
            at++;
        }
    }

    private IllegalArgumentException bad() {
        return new IllegalArgumentException("not JSON at " + at);
    }
}
