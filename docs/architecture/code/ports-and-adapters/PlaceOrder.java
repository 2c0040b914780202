package domain;

import java.time.Clock;
import java.time.LocalDateTime;

// --8<-- [start:show]

/** The use case; java.time.Clock is a port that the JDK brings. */
public record PlaceOrder(Orders orders, Pricing pricing, Clock clock, int unitCents) {
    public Order place(String number, int quantity) {
        if (quantity < 1 || quantity > 20) {
            throw new RefusedException("1 to 20 pieces");
        }
        LocalDateTime now = LocalDateTime.now(clock);
        var ships = now.toLocalDate().plusDays(now.getHour() >= 14 ? 1 : 0);
        var order = new Order(number, pricing.price(quantity * unitCents), ships);
        orders.add(order);
        return order;
    }
}
// --8<-- [end:show]
