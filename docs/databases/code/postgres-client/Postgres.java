import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The part of PostgreSQL's wire protocol (version 3.0) that an example needs.
 *
 * <p>A real service uses JDBC. This client exists so that examples run with nothing
 * installed: it only talks to a server that trusts it, sends every value as text, and
 * serves one thread at a time.
 */
final class Postgres implements AutoCloseable {
    /** The server refused; the code is its SQLSTATE, such as 23505. */
    static final class PostgresException extends RuntimeException {
        private static final long serialVersionUID = 1L;
        private final String code;

        PostgresException(String code, String message) {
            super(code + ": " + message);
            this.code = code;
        }

        String code() {
            return code;
        }
    }

    /** Values are Long, Boolean, String or null. */
    record Row(List<String> columns, List<Object> values) {
        Object get(String column) {
            int i = columns.indexOf(column);
            if (i < 0) {
                throw new IllegalArgumentException("no column " + column);
            }
            return values.get(i);
        }

        long getLong(String column) {
            return (Long) get(column);
        }

        boolean getBoolean(String column) {
            return (Boolean) get(column);
        }

        String getString(String column) {
            return (String) get(column);
        }
    }

    @FunctionalInterface
    interface Work {
        void run() throws IOException;
    }

    @FunctionalInterface
    interface Call<T> {
        T call() throws IOException;
    }

    private final Wire wire;
    private final DataInputStream in;
    private boolean closed;
    private char status; // I idle, T in a transaction, E in a failed one

    private Postgres(Wire wire) {
        this.wire = wire;
        this.in = new DataInputStream(wire);
    }

    static Postgres connect() throws IOException {
        return connect(Duration.ofSeconds(5));
    }

    /** Connects to what PGHOST, PGPORT, PGUSER and PGDATABASE name. */
    static Postgres connect(Duration timeout) throws IOException {
        var environment = System.getenv();
        String host = environment.getOrDefault("PGHOST", "localhost");
        String port = environment.getOrDefault("PGPORT", "5432");
        String user = environment.getOrDefault("PGUSER", "postgres");
        SocketAddress address = host.startsWith("/")
                ? UnixDomainSocketAddress.of(host + "/.s.PGSQL." + port)
                : new InetSocketAddress(host, Integer.parseInt(port));
        var start = new PgBytes().int32(3 << 16); // version 3.0
        for (String text : List.of(
                "user", user,
                "database", environment.getOrDefault("PGDATABASE", user),
                "client_encoding", "UTF8",
                "statement_timeout", Long.toString(timeout.toMillis()),
                "")) {
            start.cString(text);
        }
        // The server gives up a slow statement first; this is for one that is gone.
        var db = new Postgres(Wire.open(address, timeout.plusSeconds(1)));
        byte[] first = new PgBytes().message('-', start).toByteArray();
        db.exchange(Arrays.copyOfRange(first, 1, first.length)); // it alone has no kind
        return db;
    }

    /** Runs one statement with $1, $2, ... bound; returns its rows. */
    List<Row> query(String sql, Object... values) throws IOException {
        return exchange(PgProtocol.extendedQuery(sql, values)).rows();
    }

    /** Runs one statement, or a script that has no values; returns its row count. */
    int execute(String sql, Object... values) throws IOException {
        byte[] request = values.length > 0
                ? PgProtocol.extendedQuery(sql, values)
                : simpleQuery(sql);
        String tag = exchange(request).tag();
        String count = tag.substring(tag.lastIndexOf(' ') + 1);
        return count.matches("\\d+") ? Integer.parseInt(count) : 0;
    }

    void transaction(Work work) throws IOException {
        transaction(() -> {
            work.run();
            return true;
        });
    }

    /** Commits what the work did, or rolls it back if the work fails. */
    <T> T transaction(Call<T> work) throws IOException {
        execute("BEGIN");
        T result;
        try {
            result = work.call();
        } catch (Throwable failure) {
            try {
                if (!closed) {
                    execute("ROLLBACK");
                }
            } catch (IOException second) {
                failure.addSuppressed(second);
            }
            throw failure;
        }
        // COMMIT of a failed transaction is no error: it answers ROLLBACK.
        if (!exchange(simpleQuery("COMMIT")).tag().equals("COMMIT")) {
            throw new PostgresException("25P02", "an error was caught: rolled back");
        }
        return result;
    }

    char status() {
        return status;
    }

    boolean isClosed() {
        return closed;
    }

    private static byte[] simpleQuery(String script) {
        return new PgBytes().message('Q', new PgBytes().cString(script)).toByteArray();
    }

    private PgProtocol.Result exchange(byte[] request) throws IOException {
        if (closed) {
            throw new IOException("the connection is closed");
        }
        List<PgProtocol.Message> answer = null;
        try {
            wire.write(request);
            answer = PgProtocol.readAnswer(in);
        } finally {
            if (answer == null) {
                // The rest of an answer may still come: never use it again.
                closed = true;
                wire.close();
            }
        }
        status = (char) answer.get(answer.size() - 1).body()[0];
        return PgProtocol.interpret(answer);
    }

    @Override
    public void close() throws IOException {
        if (closed) {
            return;
        }
        closed = true;
        try (wire) {
            wire.write(new PgBytes().message('X', new PgBytes()).toByteArray());
        }
    }

    /** A socket with timeouts: channels have none, so a selector does the waiting. */
    private static final class Wire extends InputStream {
        private final SocketChannel channel;
        private final Selector selector;
        private final SelectionKey key;
        private final Duration timeout;

        private Wire(SocketChannel channel, Duration timeout) throws IOException {
            this.channel = channel;
            this.timeout = timeout;
            channel.configureBlocking(false);
            selector = Selector.open();
            key = channel.register(selector, 0);
        }

        static Wire open(SocketAddress address, Duration timeout) throws IOException {
            boolean unix = address instanceof UnixDomainSocketAddress;
            var channel = unix
                    ? SocketChannel.open(StandardProtocolFamily.UNIX)
                    : SocketChannel.open();
            var wire = new Wire(channel, timeout);
            try {
                if (!channel.connect(address)) {
                    wire.await(SelectionKey.OP_CONNECT);
                    channel.finishConnect();
                }
                return wire;
            } catch (IOException | RuntimeException failure) {
                wire.close();
                throw failure;
            }
        }

        void write(byte[] bytes) throws IOException {
            var buffer = ByteBuffer.wrap(bytes);
            while (buffer.hasRemaining()) {
                if (channel.write(buffer) == 0) {
                    await(SelectionKey.OP_WRITE);
                }
            }
        }

        @Override
        public int read(byte[] bytes, int offset, int length) throws IOException {
            var buffer = ByteBuffer.wrap(bytes, offset, length);
            int count = channel.read(buffer);
            while (count == 0 && length > 0) {
                await(SelectionKey.OP_READ);
                count = channel.read(buffer);
            }
            return count;
        }

        @Override
        public int read() throws IOException {
            var one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : Byte.toUnsignedInt(one[0]);
        }

        private void await(int operation) throws IOException {
            key.interestOps(operation);
            if (selector.select(timeout.toMillis()) == 0) {
                throw new InterruptedIOException("no answer in " + timeout);
            }
            selector.selectedKeys().clear();
        }

        @Override
        public void close() throws IOException {
            try (selector) {
                channel.close();
            }
        }
    }
}

// --8<-- [start:show]
final class PgProtocol {
    record Message(char kind, byte[] body) {}

    record Result(List<Postgres.Row> rows, String tag) {} // the tag is such as UPDATE 3

    /** Five messages, one write. SQL and values travel apart: no value becomes code. */
    static byte[] extendedQuery(String sql, Object... values) {
        var bind = new PgBytes().cString("").cString("").int16(0).int16(values.length);
        for (Object value : values) {
            bind.parameter(value);
        }
        return new PgBytes()
                .message('P', new PgBytes().cString("").cString(sql).int16(0)) // parse
                .message('B', bind.int16(0)) // values and results are text
                .message('D', new PgBytes().cString("P")) // describe the columns
                .message('E', new PgBytes().cString("").int32(0)) // no limit of rows
                .message('S', new PgBytes()) // after an error the server skips to here
                .toByteArray();
    }

    /** Reads to ReadyForQuery, past any error: only then may the next request leave. */
    static List<Message> readAnswer(DataInputStream in) throws IOException {
        var answer = new ArrayList<Message>();
        char kind = 0;
        while (kind != 'Z') {
            int first = in.read();
            if (first < 0) {
                throw PgBody.closed(answer);
            }
            kind = (char) first;
            byte[] body = in.readNBytes(in.readInt() - 4);
            answer.add(new Message(kind, body));
            if (kind == 'R' && new PgBody(body).int32() != 0) {
                throw new IOException("the server asks for a password; there is none");
            }
        }
        return answer;
    }

    static Result interpret(List<Message> answer) {
        var rows = new ArrayList<Postgres.Row>();
        var columns = List.<PgBody.Column>of();
        String tag = "";
        for (Message message : answer) {
            var body = new PgBody(message.body());
            switch (message.kind()) {
                case 'T' -> columns = body.columns();
                case 'D' -> rows.add(body.row(columns));
                case 'C' -> tag = body.cString();
                case 'E' -> throw body.error();
                default -> { }
            }
        }
        return new Result(rows, tag);
    }
}
// --8<-- [end:show]

/** Builds what is sent. */
final class PgBytes {
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

    PgBytes int16(int number) {
        if (number < 0 || number > 0xFFFF) {
            throw new IllegalArgumentException("not 16 bits: " + number);
        }
        bytes.write(number >> 8);
        bytes.write(number);
        return this;
    }

    PgBytes int32(int number) {
        return bytes(ByteBuffer.allocate(4).putInt(number).array());
    }

    PgBytes bytes(byte[] more) {
        bytes.writeBytes(more);
        return this;
    }

    PgBytes cString(String text) {
        if (text.indexOf('\0') >= 0) {
            throw new IllegalArgumentException("a zero byte would end the string");
        }
        bytes(text.getBytes(StandardCharsets.UTF_8));
        bytes.write(0);
        return this;
    }

    PgBytes parameter(Object value) {
        if (value == null) {
            return int32(-1);
        }
        if (!(value instanceof String || value instanceof Boolean
                || value instanceof Integer || value instanceof Long)) {
            throw new IllegalArgumentException("cannot bind " + value.getClass());
        }
        byte[] text = value.toString().getBytes(StandardCharsets.UTF_8);
        return int32(text.length).bytes(text);
    }

    PgBytes message(char kind, PgBytes body) {
        bytes.write(kind);
        return int32(4 + body.bytes.size()).bytes(body.toByteArray());
    }

    byte[] toByteArray() {
        return bytes.toByteArray();
    }
}

/** Takes what was received apart. */
final class PgBody {
    record Column(String name, int oid) {}

    private final ByteBuffer body;

    PgBody(byte[] body) {
        this.body = ByteBuffer.wrap(body);
    }

    int int32() {
        return body.getInt();
    }

    String cString() {
        int start = body.position();
        while (body.get() != 0) {
            // on to the end of the string
        }
        int length = body.position() - start - 1;
        return new String(body.array(), start, length, StandardCharsets.UTF_8);
    }

    List<Column> columns() {
        var columns = new ArrayList<Column>();
        for (int left = Short.toUnsignedInt(body.getShort()); left > 0; left--) {
            String name = cString();
            int at = body.position();
            columns.add(new Column(name, body.getInt(at + 6))); // past table and number
            body.position(at + 18);
        }
        return columns;
    }

    Postgres.Row row(List<Column> columns) {
        body.getShort(); // as many as there are columns
        var values = new ArrayList<Object>();
        for (Column column : columns) {
            int size = body.getInt();
            if (size < 0) {
                values.add(null);
                continue;
            }
            var text = new byte[size];
            body.get(text);
            values.add(decode(column.oid(), new String(text, StandardCharsets.UTF_8)));
        }
        return new Postgres.Row(columns.stream().map(Column::name).toList(), values);
    }

    private static Object decode(int oid, String text) {
        return switch (oid) {
            case 16 -> text.equals("t");
            case 20, 21, 23 -> Long.valueOf(text); // int8, int2, int4
            default -> text;
        };
    }

    Postgres.PostgresException error() {
        String code = "";
        String message = "";
        for (int kind = body.get(); kind != 0; kind = body.get()) {
            String text = cString();
            if (kind == 'C') {
                code = text;
            } else if (kind == 'M') {
                message = text;
            }
        }
        return new Postgres.PostgresException(code, message);
    }

    /** The connection ended; the cause is what the server said before, if anything. */
    static IOException closed(List<PgProtocol.Message> answer) {
        var error = answer.stream().filter(message -> message.kind() == 'E')
                .map(message -> new PgBody(message.body()).error())
                .findFirst().orElse(null);
        return new IOException("the server closed the connection", error);
    }
}
