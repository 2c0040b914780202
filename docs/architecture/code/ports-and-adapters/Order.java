package domain;

import java.time.LocalDate;

// --8<-- [start:show]
public record Order(String number, int cents, LocalDate ships) {}
// --8<-- [end:show]
