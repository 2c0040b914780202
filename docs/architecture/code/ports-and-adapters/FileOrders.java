package adapters;

import domain.DuplicateException;
import domain.Order;
import domain.Orders;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.LocalDate;
import java.util.HexFormat;
import java.util.Optional;

// --8<-- [start:show]

/** One file an order; the file system refuses the second of a name. */
public record FileOrders(Path folder) implements Orders {
    @Override
    public void add(Order order) {
        try {
            Files.writeString(
                    file(order.number()),
                    order.cents() + " " + order.ships(),
                    StandardOpenOption.CREATE_NEW,
                    StandardOpenOption.WRITE);
        } catch (FileAlreadyExistsException e) {
            throw new DuplicateException(order.number());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public Optional<Order> find(String number) {
        try {
            String[] parts = Files.readString(file(number)).split(" ");
            var ships = LocalDate.parse(parts[1]);
            return Optional.of(new Order(number, Integer.parseInt(parts[0]), ships));
        } catch (NoSuchFileException e) {
            return Optional.empty();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Keeps every name inside the folder. */
    private Path file(String number) {
        byte[] bytes = number.getBytes(StandardCharsets.UTF_8);
        return folder.resolve(HexFormat.of().formatHex(bytes));
    }
}
// --8<-- [end:show]
