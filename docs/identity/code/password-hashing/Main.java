// Store passwords so that a stolen table, an old row or a guessed name helps little.
import static java.nio.charset.StandardCharsets.UTF_8;

import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.text.Normalizer;
import java.util.Arrays;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.IntFunction;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.crypto.SecretKeyFactory;
import javax.crypto.spec.PBEKeySpec;

final class Policy {
    static final int TODAY = 600_000; // iterations: OWASP Password Storage Cheat Sheet
    static final int MAX_ITERATIONS = 2_000_000;
    static final int MAX_PASSWORD_BYTES = 1024;
    // NIST SP 800-63B-4, for a password without a second factor.
    static final int MIN_CHARACTERS = 15;

    private Policy() {}
}

/** A table of users: one string for each name. */
final class Users {
    private final Map<String, String> rows;

    Users(Map<String, String> rows) {
        this.rows = new ConcurrentHashMap<>(rows);
    }

    String row(String name) {
        return rows.getOrDefault(name, "");
    }

    /** UPDATE ... WHERE row = old: never undo a change made in between. */
    void replace(String name, String old, String changed) {
        rows.replace(name, old, changed);
    }
}

/** What may be a password. */
final class Typed {
    private Typed() {}

    /** NFC, for keyboards spell one accent in two ways; refused, never cut off. */
    static Optional<String> prepare(String typed) {
        int limit = Policy.MAX_PASSWORD_BYTES;
        if (typed.length() > limit || !UTF_8.newEncoder().canEncode(typed)) {
            return Optional.empty();
        }
        return Optional.of(Normalizer.normalize(typed, Normalizer.Form.NFC))
                .filter(password -> password.getBytes(UTF_8).length <= limit);
    }

    /** For new passwords only; a list of breached ones would be asked here, too. */
    static String flaw(String typed) {
        return prepare(typed)
                .map(password -> password.codePointCount(0, password.length()))
                .map(count -> count < Policy.MIN_CHARACTERS ? "too short" : "none")
                .orElse("too long");
    }
}

// --8<-- [start:show]
/** Kept as one string: $pbkdf2-sha256$i=600000$salt$hash. */
record Stored(int iterations, byte[] salt, byte[] hash) {}

interface Kdf {
    byte[] derive(String password, byte[] salt, int iterations);

    /** Argon2id is the first choice where a library for it is allowed. */
    static byte[] pbkdf2(String password, byte[] salt, int iterations) {
        try {
            var key = new PBEKeySpec(password.toCharArray(), salt, iterations, 256);
            var factory = SecretKeyFactory.getInstance("PBKDF2WithHmacSHA256");
            return factory.generateSecret(key).getEncoded();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JDK has PBKDF2", e);
        }
    }
}

final class Passwords {
    private final Users users;
    private final Kdf kdf;
    private final IntFunction<byte[]> random; // of a SecureRandom in a service
    private final Stored nobody;

    Passwords(Users users, Kdf kdf, IntFunction<byte[]> random) {
        this.users = users;
        this.kdf = kdf;
        this.random = random;
        nobody = new Stored(Policy.TODAY, random.apply(16), random.apply(32));
    }

    String hash(String password) {
        byte[] salt = random.apply(16); // bytes, new ones for each hash
        byte[] hash = kdf.derive(password, salt, Policy.TODAY);
        return Rows.write(new Stored(Policy.TODAY, salt, hash));
    }

    boolean signIn(String name, String typed) {
        String password = Typed.prepare(typed).orElse(null);
        if (password == null) {
            return false;
        }
        String row = users.row(name);
        // No such user, or a row that would ask for hours of work.
        Stored stored = Rows.read(row)
                .filter(r -> r.iterations() <= Policy.MAX_ITERATIONS).orElse(nobody);
        byte[] computed = kdf.derive(password, stored.salt(), stored.iterations());
        int missing = Policy.TODAY - stored.iterations();
        if (!MessageDigest.isEqual(computed, stored.hash()) || stored == nobody) {
            if (missing > 0) { // or an old row would answer sooner
                kdf.derive(password, stored.salt(), missing);
            }
            return false;
        }
        if (missing > 0) { // now is when the password is known
            users.replace(name, row, hash(password));
        }
        return true;
    }
}
// --8<-- [end:show]

/** Turns a stored hash into the string of its row and back. */
final class Rows {
    private static final Pattern FORMAT = Pattern.compile(
            "\\$pbkdf2-sha256\\$i=([1-9][0-9]{0,8})"
                    + "\\$([A-Za-z0-9+/]{22})\\$([A-Za-z0-9+/]{43})");

    private Rows() {}

    static Optional<Stored> read(String row) {
        Matcher found = FORMAT.matcher(row);
        if (!found.matches()) {
            return Optional.empty();
        }
        Base64.Decoder base64 = Base64.getDecoder();
        return Optional.of(new Stored(
                Integer.parseInt(found.group(1)),
                base64.decode(found.group(2)),
                base64.decode(found.group(3))));
    }

    static String write(Stored stored) {
        Base64.Encoder base64 = Base64.getEncoder().withoutPadding();
        String salt = base64.encodeToString(stored.salt());
        String hash = base64.encodeToString(stored.hash());
        return "$pbkdf2-sha256$i=%d$%s$%s".formatted(stored.iterations(), salt, hash);
    }
}

/** Stands in for the system's random bytes: 1, 1, ..., then 2, 2, ... */
final class Samples implements IntFunction<byte[]> {
    private byte calls;

    @Override
    public byte[] apply(int size) {
        calls++;
        byte[] sample = new byte[size];
        Arrays.fill(sample, calls);
        return sample;
    }
}

/** Counts the iterations that a KDF is asked for. */
final class Meter implements Kdf {
    private final Kdf kdf;
    private int iterations;

    Meter(Kdf kdf) {
        this.kdf = kdf;
    }

    @Override
    public byte[] derive(String password, byte[] salt, int iterations) {
        this.iterations += iterations;
        return kdf.derive(password, salt, iterations);
    }

    int reading() {
        int reading = iterations;
        iterations = 0;
        return reading;
    }
}

public final class Main {
    private static final String ADA = "correct horse battery staple";
    // One code point for each accented letter, then letter and accent apart.
    private static final String BOB = "Cr\u00e8me br\u00fbl\u00e9e at seven";
    private static final String BOB_APART = "Cre\u0300me bru\u0302le\u0301e at seven";
    private static final String ADA_ROW =
            "$pbkdf2-sha256$i=600000$c2FtcGxlLXNhbHQtYWRhMQ"
                    + "$nhrwDiuJI/bNNhTHkszxty/g5CBBYIGBVg4WMSbv72M";
    // So few iterations only keep this program quick.
    private static final String BOB_ROW =
            "$pbkdf2-sha256$i=60000$c2FtcGxlLXNhbHQtYm9iMQ"
                    + "$Uyqj7wSHvg2sp5b1UETm9oya0xwiIJmDwZneuBsMnMQ";

    private record Attempt(String label, String name, String typed) {}

    private Main() {}

    private static String line(String label, String outcome, Object iterations) {
        return "%-32s%-12s%10s".formatted(label, outcome, iterations);
    }

    private static String outcome(boolean signedIn) {
        return signedIn ? "signed in" : "refused";
    }

    private static void attempts() {
        Users users = new Users(Map.of("ada", ADA_ROW, "bob", BOB_ROW));
        Meter meter = new Meter(Kdf::pbkdf2);
        Passwords passwords = new Passwords(users, meter, new Samples());
        String heading = line("attempt", "outcome", "iterations");
        System.out.println(heading + "  row afterwards");
        Attempt[] attempts = {
            new Attempt("ada, right password", "ada", ADA),
            new Attempt("ada, wrong password", "ada", ADA.toUpperCase(Locale.ROOT)),
            new Attempt("bob, right password, old row", "bob", BOB),
            new Attempt("bob, accents typed otherwise", "bob", BOB_APART),
            new Attempt("ada, 1,025 bytes", "ada", "a".repeat(1025)),
        };
        for (Attempt attempt : attempts) {
            String before = users.row(attempt.name());
            String outcome = outcome(passwords.signIn(attempt.name(), attempt.typed()));
            boolean kept = users.row(attempt.name()).equals(before);
            String text = line(attempt.label(), outcome, meter.reading());
            System.out.println(text + (kept ? "  kept" : "  replaced"));
        }
        String row = users.row("bob");
        int cut = row.lastIndexOf('$');
        System.out.printf("%nbob's new row, as every language writes it:%n");
        System.out.printf("  %s%n  %s%n", row.substring(0, cut), row.substring(cut));
    }

    private static void refusals() {
        Map<String, String> rows = new LinkedHashMap<>();
        rows.put("today's", ADA_ROW);
        rows.put("an old one, i=60000", BOB_ROW);
        rows.put("damaged, i=999999999", ADA_ROW.replace("600000", "999999999"));
        rows.put("damaged, hash cut short", ADA_ROW.substring(0, ADA_ROW.length() - 1));
        rows.put("of another scheme", "$2b$10$" + "a".repeat(53));
        rows.put("none, for want of a user", "");
        // Nothing is computed here: this asks only how much work there would be.
        Meter meter = new Meter((password, salt, iterations) -> new byte[32]);
        Passwords passwords = new Passwords(new Users(rows), meter, new Samples());
        System.out.println();
        System.out.println(line("row, at a wrong password", "outcome", "iterations"));
        for (String label : rows.keySet()) {
            String outcome = outcome(passwords.signIn(label, "guess"));
            System.out.println(line(label, outcome, meter.reading()));
        }
    }

    public static void main(String[] args) {
        attempts();
        refusals();
        System.out.printf("%n%-32s%s%n", "new password", "flaw");
        Map<String, String> typed = new LinkedHashMap<>();
        typed.put("14 characters", "a".repeat(14));
        typed.put("15 characters", "a".repeat(15));
        typed.put("14 characters, accents apart", "e\u0301".repeat(14));
        typed.forEach((label, text) ->
                System.out.printf("%-32s%s%n", label, Typed.flaw(text)));
    }
}
