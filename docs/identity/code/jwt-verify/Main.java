// Issue access tokens and refuse forged ones: the key says its algorithm.
import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Collections.singletonList;
import static java.util.stream.Collectors.joining;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** For the log: the caller learns no more than 401 and invalid_token. */
final class TokenException extends Exception {
    private static final long serialVersionUID = 1;

    TokenException(String reason) {
        super(reason);
    }
}

/** A key and the only algorithm that it may ever be used with. */
record Key(String alg, byte[] material) {
    private static final int MIN_SECRET_BYTES = 32; // RFC 7518, section 3.2

    Key {
        if (alg.equals("HS256") && material.length < MIN_SECRET_BYTES) {
            throw new IllegalArgumentException(
                    "an HS256 secret has " + MIN_SECRET_BYTES + " bytes or more");
        }
        material = material.clone();
    }
}

/** Strict base64url: the one spelling that encoding gives. */
final class Base64Url {
    private Base64Url() {}

    static String encode(byte[] raw) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(raw);
    }

    static String encode(String text) {
        return encode(text.getBytes(UTF_8));
    }

    static byte[] decode(String part, String name) throws TokenException {
        byte[] raw;
        try {
            raw = Base64.getUrlDecoder().decode(part);
        } catch (IllegalArgumentException e) {
            throw new TokenException(name + " is not base64url");
        }
        if (!encode(raw).equals(part)) {
            throw new TokenException(name + " is not base64url");
        }
        return raw;
    }
}

/** RFC 8259 and nothing beside it, as the JDK has no reader; names occur once. */
final class Json {
    private static final Pattern NUMBER =
            Pattern.compile("-?(0|[1-9][0-9]*)(\\.[0-9]+)?([eE][+-]?[0-9]+)?");

    private final String text;
    private int at;

    private Json(String text) {
        this.text = text;
    }

    static Object parse(String text) {
        Json json = new Json(text);
        Object value = json.value();
        if (json.at < text.length()) {
            throw json.unexpected();
        }
        return value;
    }

    static String quote(String text) {
        StringBuilder quoted = new StringBuilder("\"");
        for (char c : text.toCharArray()) {
            if (c == '"' || c == '\\') {
                quoted.append('\\').append(c);
            } else if (c < ' ') {
                quoted.append("\\u").append(HexFormat.of().toHexDigits(c));
            } else {
                quoted.append(c);
            }
        }
        return quoted.append('"').toString();
    }

    private Object value() {
        skipSpace();
        Object value = switch (peek()) {
            case '{' -> object();
            case '[' -> list();
            case '"' -> string();
            case 't' -> word("true", true);
            case 'f' -> word("false", false);
            case 'n' -> word("null", null);
            default -> number();
        };
        skipSpace();
        return value;
    }

    private Map<String, Object> object() {
        Map<String, Object> values = new LinkedHashMap<>();
        take('{');
        skipSpace();
        if (peek() != '}') {
            do {
                skipSpace();
                String name = string();
                skipSpace();
                take(':');
                if (values.containsKey(name)) {
                    throw new IllegalArgumentException("a name occurs twice");
                }
                values.put(name, value());
            } while (skip(','));
        }
        take('}');
        return values;
    }

    private List<Object> list() {
        List<Object> values = new ArrayList<>();
        take('[');
        skipSpace();
        if (peek() != ']') {
            do {
                values.add(value());
            } while (skip(','));
        }
        take(']');
        return values;
    }

    private String string() {
        StringBuilder out = new StringBuilder();
        take('"');
        while (peek() != '"') {
            if (peek() < ' ') { // also the end of the text
                throw unexpected();
            }
            char c = text.charAt(at++);
            out.append(c == '\\' ? escaped() : c);
        }
        take('"');
        return out.toString();
    }

    private char escaped() {
        char c = peek();
        at++;
        int simple = "\"\\/bfnrt".indexOf(c);
        if (simple >= 0) {
            return "\"\\/\b\f\n\r\t".charAt(simple);
        }
        int end = at + 4;
        if (c != 'u' || end > text.length()) {
            throw unexpected();
        }
        String digits = text.substring(at, end);
        at = end;
        return (char) HexFormat.fromHexDigits(digits);
    }

    private Object word(String word, Object value) {
        if (!text.startsWith(word, at)) {
            throw unexpected();
        }
        at += word.length();
        return value;
    }

    private Double number() {
        Matcher number = NUMBER.matcher(text).region(at, text.length());
        if (!number.lookingAt()) {
            throw unexpected();
        }
        at = number.end();
        return Double.valueOf(number.group());
    }

    private char peek() {
        return at < text.length() ? text.charAt(at) : '\0';
    }

    private boolean skip(char c) {
        boolean found = peek() == c;
        at += found ? 1 : 0;
        return found;
    }

    private void take(char c) {
        if (!skip(c)) {
            throw unexpected();
        }
    }

    private void skipSpace() {
        while (peek() != '\0' && " \t\r\n".indexOf(peek()) >= 0) {
            at++;
        }
    }

    private IllegalArgumentException unexpected() {
        return new IllegalArgumentException("unexpected character at " + at);
    }
}

/** The values of a JSON object, read by type. */
record Fields(Map<?, ?> values) {
    private static final long MAX_SECONDS = 253_402_300_799L; // end of the year 9999
    private static final int MAX_BRACKETS = 32;

    static Fields read(String part, String name) throws TokenException {
        byte[] raw = Base64Url.decode(part, name);
        try {
            ByteBuffer bytes = ByteBuffer.wrap(raw);
            String text = UTF_8.newDecoder().decode(bytes).toString();
            // Those inside strings count too: cheap, and honest tokens have few.
            if (text.chars().filter(c -> c == '[' || c == '{').count() > MAX_BRACKETS) {
                throw new IllegalArgumentException("too many brackets");
            }
            if (Json.parse(text) instanceof Map<?, ?> values) {
                return new Fields(values);
            }
        } catch (CharacterCodingException | IllegalArgumentException e) {
            throw new TokenException(name + " is not strict JSON");
        }
        throw new TokenException(name + " is not an object");
    }

    String text(String name) throws TokenException {
        if (values.get(name) instanceof String text && !text.isEmpty()) {
            return text;
        }
        throw new TokenException(name + " is not a text");
    }

    List<String> texts(String name) throws TokenException {
        Object value = values.get(name);
        List<?> items = value instanceof List<?> list ? list : singletonList(value);
        List<String> texts = new ArrayList<>();
        for (Object item : items) {
            if (!(item instanceof String text)) {
                throw new TokenException(name + " is not a text or a list of texts");
            }
            texts.add(text);
        }
        return List.copyOf(texts);
    }

    Instant time(String name) throws TokenException {
        if (!values.containsKey(name)) {
            throw new TokenException(name + " is missing");
        }
        if (values.get(name) instanceof Double seconds
                && seconds >= 0
                && seconds <= MAX_SECONDS) {
            return Instant.ofEpochMilli((long) (seconds * 1000));
        }
        throw new TokenException(name + " is not a time");
    }
}

/** What a token says about itself, before anybody believes it. */
record Header(String alg, String kid, String typ) {
    static Header read(String part) throws TokenException {
        Fields fields = Fields.read(part, "header");
        // RFC 7515, section 4.1.11: refuse what is not understood.
        if (fields.values().containsKey("crit")) {
            throw new TokenException("crit is not understood");
        }
        return new Header(fields.text("alg"), fields.text("kid"), fields.text("typ"));
    }
}

/** The claims of RFC 9068, each of the right type. */
record Claims(
        String issuer,
        List<String> audience,
        String subject,
        String clientId,
        String tokenId,
        Instant issuedAt,
        Instant notBefore,
        Instant expires) {

    static Claims read(String part) throws TokenException {
        Fields fields = Fields.read(part, "payload");
        boolean delayed = fields.values().containsKey("nbf"); // the optional one
        return new Claims(
                fields.text("iss"),
                fields.texts("aud"),
                fields.text("sub"),
                fields.text("client_id"),
                fields.text("jti"),
                fields.time("iat"),
                delayed ? fields.time("nbf") : Instant.EPOCH,
                fields.time("exp"));
    }
}

// --8<-- [start:show]
/** What a token has to be is settled before it arrives. */
record Verifier(Map<String, Key> keys, String issuer, String audience, Clock clock) {
    private static final int MAX_CHARACTERS = 8192;
    private static final Duration LEEWAY = Duration.ofSeconds(30);
    private static final List<String> TYPES = List.of("at+jwt", "application/at+jwt");

    Claims verify(String token) throws TokenException {
        if (token.length() > MAX_CHARACTERS) {
            throw new TokenException("token is too long");
        }
        String[] parts = token.split("\\.", -1);
        if (parts.length != 3) {
            throw new TokenException("not three parts");
        }
        Header header = Header.read(parts[0]);
        Key key = keys.get(header.kid()); // a closed set; each names its algorithm
        if (key == null) {
            throw new TokenException("unknown kid");
        }
        if (!header.alg().equals(key.alg())) { // it has to agree, it never chooses
            throw new TokenException("alg is not the key's");
        }
        if (!TYPES.contains(header.typ())) {
            throw new TokenException("typ is not at+jwt");
        }
        if (!key.alg().equals("HS256")) {
            throw new TokenException(key.alg() + " is left to a library");
        }
        // As text: another spelling of the same bytes is refused, too.
        byte[] expected = Signer.signature(key.material(), parts[0] + "." + parts[1]);
        if (!MessageDigest.isEqual(expected, parts[2].getBytes(UTF_8))) {
            throw new TokenException("bad signature");
        }
        Claims claims = Claims.read(parts[1]); // unread until here
        Instant now = clock.instant();
        if (!claims.issuer().equals(issuer)) {
            throw new TokenException("wrong issuer");
        }
        if (!claims.audience().contains(audience)) {
            throw new TokenException("wrong audience");
        }
        if (!now.isBefore(claims.expires().plus(LEEWAY))) {
            throw new TokenException("expired");
        }
        if (now.isBefore(claims.notBefore().minus(LEEWAY))) {
            throw new TokenException("not valid yet");
        }
        if (now.isBefore(claims.issuedAt().minus(LEEWAY))) {
            throw new TokenException("issued in the future");
        }
        return claims;
    }
}
// --8<-- [end:show]

/** Computes signatures and issues tokens. */
final class Signer {
    private Signer() {}

    static byte[] mac(String hash, byte[] material, String signed) {
        try {
            Mac mac = Mac.getInstance("Hmac" + hash);
            mac.init(new SecretKeySpec(material, mac.getAlgorithm()));
            return mac.doFinal(signed.getBytes(UTF_8));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JDK has HMAC", e);
        }
    }

    static byte[] signature(byte[] material, String signed) {
        return Base64Url.encode(mac("SHA256", material, signed)).getBytes(UTF_8);
    }

    static String issue(String kid, Key key, Claims claims) {
        if (!key.alg().equals("HS256")) {
            throw new IllegalArgumentException("cannot sign with " + key.alg());
        }
        String header = object("alg", key.alg(), "kid", kid, "typ", "at+jwt");
        List<String> audience = claims.audience();
        String payload = object(
                "iss", claims.issuer(),
                "aud", audience.size() == 1 ? audience.get(0) : audience,
                "sub", claims.subject(),
                "client_id", claims.clientId(),
                "jti", claims.tokenId(),
                "iat", claims.issuedAt().getEpochSecond(),
                "nbf", claims.notBefore().getEpochSecond(),
                "exp", claims.expires().getEpochSecond());
        return sealed("SHA256", key.material(), header, payload);
    }

    /** Signs any text at all, so it is the forger's tool as well. */
    static String sealed(String hash, byte[] material, String header, String payload) {
        String signed = Base64Url.encode(header) + "." + Base64Url.encode(payload);
        return signed + "." + Base64Url.encode(mac(hash, material, signed));
    }

    private static String object(Object... pairs) {
        List<String> members = new ArrayList<>();
        for (int i = 0; i < pairs.length; i += 2) {
            members.add(write(pairs[i]) + ":" + write(pairs[i + 1]));
        }
        return "{" + String.join(",", members) + "}";
    }

    private static String write(Object value) {
        if (value instanceof List<?> list) {
            return list.stream()
                    .map(Signer::write)
                    .collect(joining(",", "[", "]"));
        }
        return value instanceof Long ? value.toString() : Json.quote(value.toString());
    }
}

public final class Main {
    private static final Instant NOW = Instant.ofEpochSecond(1_767_225_600);
    private static final Duration LIFETIME = Duration.ofSeconds(300);
    private static final String ISSUER = "https://login.shop.test";
    private static final String AUDIENCE = "https://orders.shop.test";
    // Samples: a real secret is 32 random bytes from a secret manager.
    private static final byte[] SECRET =
            "sample-only-secret-of-32-bytes-1".getBytes(UTF_8);
    private static final byte[] PUBLIC_KEY =
            "-----BEGIN PUBLIC KEY-----\nsample\n-----END PUBLIC KEY-----\n"
                    .getBytes(UTF_8);
    private static final Map<String, Key> KEYS = Map.of(
            "hs-1", new Key("HS256", SECRET),
            "rs-1", new Key("RS256", PUBLIC_KEY));
    // 32 bytes leave two bits of the last of these characters unused.
    private static final String LETTERS =
            "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

    private record Row(String label, List<String> tokens) {
        Row(String label, String token) {
            this(label, List.of(token));
        }
    }

    /** The two halves of an honest token, as text that a forger changes. */
    private record Draft(String header, String payload) {
        String withHeader(String old, String changed) {
            return Signer.sealed("SHA256", SECRET, swap(header, old, changed), payload);
        }

        String withClaim(String old, String changed) {
            return Signer.sealed("SHA256", SECRET, header, swap(payload, old, changed));
        }

        String unsigned(String alg) {
            String token = withHeader("HS256", alg);
            return token.substring(0, token.lastIndexOf('.') + 1);
        }
    }

    private Main() {}

    /** What not to write: the token picks its algorithm, and claims go unread. */
    private static String believing(String token) {
        String[] parts = token.split("\\.", -1);
        try {
            Fields header = Fields.read(parts[0], "header");
            String alg = header.text("alg").toUpperCase(Locale.ROOT);
            Key key = KEYS.get(header.text("kid"));
            if (alg.equals("NONE")) {
                return "accepted";
            }
            if (parts.length < 3 || key == null || !alg.matches("HS(256|512)")) {
                return "refused";
            }
            String hash = "SHA" + alg.substring(2);
            byte[] mac = Signer.mac(hash, key.material(), parts[0] + "." + parts[1]);
            byte[] given = Base64.getUrlDecoder().decode(parts[2]);
            return MessageDigest.isEqual(mac, given) ? "accepted" : "refused";
        } catch (TokenException | IllegalArgumentException e) {
            return "refused";
        }
    }

    private static String swap(String text, String old, String changed) {
        if (!text.contains(old)) {
            throw new IllegalArgumentException("nothing to replace: " + old);
        }
        return text.replace(old, changed);
    }

    private static String at(String name, Duration offset) {
        return "\"%s\":%d".formatted(name, NOW.plus(offset).getEpochSecond());
    }

    private static List<Row> rows() throws TokenException {
        String good = Signer.issue("hs-1", KEYS.get("hs-1"), new Claims(
                ISSUER, List.of(AUDIENCE), "user-42", "web", "t-1",
                NOW, NOW, NOW.plus(LIFETIME)));
        String[] parts = good.split("\\.");
        String header = new String(Base64Url.decode(parts[0], "header"), UTF_8);
        String payload = new String(Base64Url.decode(parts[1], "payload"), UTF_8);
        Draft draft = new Draft(header, payload);
        String exp = at("exp", LIFETIME);

        String renamed = swap(header, "HS256", "HS512");
        String hs512 = Signer.sealed("SHA512", SECRET, renamed, payload);
        String rerouted = swap(header, "hs-1", "rs-1");
        String confused = Signer.sealed("SHA256", PUBLIC_KEY, rerouted, payload);
        String changed = swap(swap(payload, exp, "\"exp\":1"), "user-42", "admin");
        String tampered = parts[0] + "." + Base64Url.encode(changed) + "." + parts[2];
        int last = good.length() - 1;
        char next = LETTERS.charAt(LETTERS.indexOf(good.charAt(last)) + 1);
        String deep = "[".repeat(2000) + "]".repeat(2000);
        String listed = "[\"a\",\"" + AUDIENCE + "\"]";
        String quoted = "\"exp\":\"" + NOW.plusSeconds(60).getEpochSecond() + "\"";
        Duration early = Duration.ofSeconds(31);
        return List.of(
                new Row("as issued", good),
                new Row("aud is a list", draft.withClaim('"' + AUDIENCE + '"', listed)),
                new Row("expired, within the leeway",
                        draft.withClaim(exp, at("exp", Duration.ofSeconds(-29)))),
                new Row("alg none, None, NONE, nOnE",
                        Stream.of("none", "None", "NONE", "nOnE")
                                .map(draft::unsigned)
                                .toList()),
                new Row("alg HS512, same secret", hs512),
                new Row("HS256 by the RSA public key", confused),
                new Row("unknown kid", draft.withHeader("hs-1", "hs-9")),
                new Row("typ JWT, as in an ID token",
                        draft.withHeader("at+jwt", "JWT")),
                new Row("payload changed, and expired", tampered),
                new Row("signature spelled otherwise", good.substring(0, last) + next),
                new Row("wrong issuer", draft.withClaim("//login", "//evil")),
                new Row("wrong audience", draft.withClaim("//orders", "//mail")),
                new Row("expired",
                        draft.withClaim(exp, at("exp", Duration.ofSeconds(-30)))),
                new Row("not valid yet",
                        draft.withClaim(at("nbf", Duration.ZERO), at("nbf", early))),
                new Row("issued in the future",
                        draft.withClaim(at("iat", Duration.ZERO), at("iat", early))),
                new Row("exp missing", draft.withClaim(exp, "\"x\":0")),
                new Row("exp a string", draft.withClaim(exp, quoted)),
                new Row("exp 1e999", draft.withClaim(exp, "\"exp\":1e999")),
                new Row("exp NaN", draft.withClaim(exp, "\"exp\":NaN")),
                new Row("exp twice", draft.withClaim(exp, "\"exp\":1," + exp)),
                new Row("sub a number", draft.withClaim("\"user-42\"", "42")),
                new Row("header nested 2,000 deep",
                        draft.withHeader("{", "{\"x\":" + deep + ",")),
                new Row("two parts", good.substring(0, good.lastIndexOf('.'))),
                new Row("16,000 characters",
                        draft.withClaim("\"t-1\"", '"' + "t".repeat(12_000) + '"')));
    }

    private static String verdict(Verifier verifier, String token) {
        try {
            return "accepted: " + verifier.verify(token).subject();
        } catch (TokenException e) {
            return e.getMessage();
        }
    }

    private static String distinct(List<String> tokens, UnaryOperator<String> judge) {
        return tokens.stream().map(judge).distinct().sorted().collect(joining(", "));
    }

    public static void main(String[] args) throws TokenException {
        Clock clock = Clock.fixed(NOW, ZoneOffset.UTC);
        Verifier verifier = new Verifier(KEYS, ISSUER, AUDIENCE, clock);
        String line = "%-31s%-15s%s%n";
        System.out.printf(line, "token", "alg by token", "alg by key, claims checked");
        for (Row row : rows()) {
            String believed = distinct(row.tokens(), Main::believing);
            String verdicts = distinct(row.tokens(), token -> verdict(verifier, token));
            System.out.printf(line, row.label(), believed, verdicts);
        }
    }
}
