package handlers;

import domain.DuplicateException;
import domain.Order;
import domain.PlaceOrder;
import domain.RefusedException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.LocalDateTime;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Map;

/** The outside, driving side: one endpoint, written fat and written thin. */
public final class Handlers {
    private Handlers() {}

    public record Answer(int status, String text) {}

    private record Form(String number, int quantity) {
        static Form read(String body) {
            Map<String, String> fields = new HashMap<>();
            for (String pair : body.split("&")) {
                String[] parts = pair.split("=", 2);
                String value = parts.length == 2 ? parts[1] : "";
                fields.put(parts[0], URLDecoder.decode(value, StandardCharsets.UTF_8));
            }
            String number = fields.getOrDefault("number", "");
            if (number.isEmpty() || number.length() > 40) {
                throw new IllegalArgumentException("number: 1 to 40 characters");
            }
            return new Form(number, Integer.parseInt(fields.get("quantity")));
        }
    }

    private static String money(int cents) {
        return "%d.%02d".formatted(cents / 100, cents % 100);
    }

    // --8<-- [start:show]
    public static Answer fat(Path folder, String body) {
        Form form;
        try {
            form = Form.read(body);
        } catch (IllegalArgumentException e) {
            return new Answer(400, "number and quantity, please");
        }
        if (form.quantity() < 1 || form.quantity() > 20) {
            return new Answer(422, "1 to 20 pieces");
        }
        int cents = form.quantity() * 2500;
        if (cents >= 10_000) {
            cents = cents * 9 / 10;
        }
        var now = LocalDateTime.now();
        var ships = now.toLocalDate().plusDays(now.getHour() >= 14 ? 1 : 0);
        byte[] name = form.number().getBytes(StandardCharsets.UTF_8);
        try {
            Files.writeString(
                    folder.resolve(HexFormat.of().formatHex(name)),
                    cents + " " + ships,
                    StandardOpenOption.CREATE_NEW,
                    StandardOpenOption.WRITE);
        } catch (FileAlreadyExistsException e) {
            return new Answer(409, "number taken");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return new Answer(201, money(cents) + " ships " + ships);
    }

    public static Answer thin(PlaceOrder placeOrder, String body) {
        Form form;
        try {
            form = Form.read(body);
        } catch (IllegalArgumentException e) {
            return new Answer(400, "number and quantity, please");
        }
        try {
            Order order = placeOrder.place(form.number(), form.quantity());
            return new Answer(201, money(order.cents()) + " ships " + order.ships());
        } catch (RefusedException e) {
            return new Answer(422, e.getMessage());
        } catch (DuplicateException e) {
            return new Answer(409, "number taken");
        }
    }
    // --8<-- [end:show]
}
