package domain;

import java.util.Optional;

// --8<-- [start:show]

/** Port: what the use case needs from a store, in its own words. */
public interface Orders {
    /** Stores the order or throws DuplicateException; one atomic step. */
    void add(Order order);

    Optional<Order> find(String number);
}
// --8<-- [end:show]
