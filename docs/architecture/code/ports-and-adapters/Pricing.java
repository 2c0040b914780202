package domain;

// --8<-- [start:show]

/** A strategy: list price in, price out. */
@FunctionalInterface
public interface Pricing {
    Pricing LIST_PRICE = cents -> cents;
    Pricing SALE = cents -> cents >= 10_000 ? cents * 9 / 10 : cents;

    int price(int cents);
}
// --8<-- [end:show]
