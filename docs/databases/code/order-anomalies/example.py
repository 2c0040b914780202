"""Find candidate keys and the normal form of a relation from its dependencies."""

from itertools import combinations
from typing import NamedTuple

Columns = frozenset[str]


# --8<-- [start:show]
class Dependency(NamedTuple):
    """Rows that agree on left agree on right as well."""

    left: Columns
    right: Columns


def closure(start: Columns, rules: list[Dependency]) -> Columns:
    """Every column whose value follows from the values of start."""
    known = start
    for _ in rules:  # each pass adds columns, or the rest would add none either
        known = known.union(*(right for left, right in rules if left <= known))
    return known


def candidate_keys(columns: Columns, rules: list[Dependency]) -> list[Columns]:
    """The minimal sets that determine all columns; there may be several."""
    keys: list[Columns] = []
    for size in range(len(columns) + 1):
        for chosen in map(frozenset, combinations(sorted(columns), size)):
            minimal = not any(key <= chosen for key in keys)
            if minimal and closure(chosen, rules) >= columns:
                keys.append(chosen)
    return keys


def normal_form(columns: Columns, rules: list[Dependency]) -> tuple[str, str]:
    """The highest form, and the determinant that forbids the next one."""
    keys = candidate_keys(columns, rules)
    prime = frozenset().union(*keys)
    for part in (key - {column} for key in keys for column in sorted(key)):
        if closure(part, rules) - part - prime:
            return "1NF", f"{text(part)} only part of a key"
    offenders = [r for r in rules if not closure(r.left, rules) >= columns]
    for left, right in offenders:
        if right - left - prime:
            return "2NF", f"{text(left)} no key"
    for left, right in offenders:
        if right - left:
            return "3NF", f"{text(left)} no key, {text(right - left)} prime"
    return "BCNF", ""


# --8<-- [end:show]

SHEET = [
    "order sku -> quantity unit_price",
    "order -> email",
    "email -> address",
    "sku -> product list_price",
]
RELATIONS = {
    "sheet": SHEET,
    "sheet + row_id": [*SHEET, "row_id -> order sku", "order sku -> row_id"],
    "orders, wide": ["order -> email", "email -> address"],
    "orders": ["order -> email"],
    "customers": ["email -> address"],
    "products": ["sku -> product list_price"],
    "order_lines": ["order sku -> quantity unit_price"],
    "support": ["customer line -> agent", "agent -> line"],
    "agents": ["agent -> line"],
}


def text(columns: Columns) -> str:
    return " ".join(sorted(columns))


def parse(line: str) -> Dependency:
    left, right = line.split(" -> ")
    return Dependency(frozenset(left.split()), frozenset(right.split()))


def main() -> None:
    sheet = [parse(line) for line in SHEET]
    print("what follows in the sheet from")
    for start in ("email", "order", "order sku"):
        follows = closure(frozenset(start.split()), sheet)
        print(f"  {start:<10} {text(follows - frozenset(start.split()))}")
    print(f"\n{'relation':<14} {'candidate keys':<30} form stopped by")
    for name, lines in RELATIONS.items():
        rules = [parse(line) for line in lines]
        columns = frozenset().union(*(rule.left | rule.right for rule in rules))
        keys = " | ".join(text(key) for key in candidate_keys(columns, rules))
        form, why = normal_form(columns, rules)
        print(f"{name:<14} {keys:<30} {form:<4} {why}".rstrip())


if __name__ == "__main__":
    main()
