package adapters;

import domain.DuplicateException;
import domain.Order;
import domain.Orders;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

// --8<-- [start:show]
public final class MemoryOrders implements Orders {
    private final Map<String, Order> orders = new ConcurrentHashMap<>();

    @Override
    public void add(Order order) {
        if (orders.putIfAbsent(order.number(), order) != null) {
            throw new DuplicateException(order.number());
        }
    }

    @Override
    public Optional<Order> find(String number) {
        return Optional.ofNullable(orders.get(number));
    }
}
// --8<-- [end:show]
