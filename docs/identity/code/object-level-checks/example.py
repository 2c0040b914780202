"""Decide who may do what to which invoice, and test every combination."""

from collections.abc import Callable
from dataclasses import dataclass, replace


@dataclass(frozen=True)
class Actor:
    id: str
    tenant: str
    role: str
    active: bool = True


@dataclass(frozen=True)
class Invoice:
    id: int
    tenant: str
    owner: str
    cents: int


INVOICES = [
    Invoice(1, "acme", "ana", 40_00),
    Invoice(2, "acme", "ben", 400_00),
    Invoice(3, "acme", "ben", 4000_00),
    Invoice(4, "globex", "dee", 400_00),
]

# --8<-- [start:show]
OWNER_MAY = {"read", "update"}
ROLE_MAY = {
    "accountant": {"read"},
    "admin": {"read", "update", "delete"},
}  # a member may do nothing by role
APPROVAL_LIMIT = {"accountant": 1000_00, "admin": 100_000_00}  # cents


def allowed(actor: Actor, action: str, invoice: Invoice) -> bool:
    """Say yes for a reason that is written here; whatever is left is no."""
    if not actor.active or actor.tenant != invoice.tenant:
        return False  # before any role: no role reaches into another tenant
    if action == "approve":  # role, attribute and relationship in one rule
        limit = APPROVAL_LIMIT.get(actor.role, 0)
        return invoice.owner != actor.id and invoice.cents <= limit
    if invoice.owner == actor.id and action in OWNER_MAY:
        return True
    return action in ROLE_MAY.get(actor.role, set())


def visible(actor: Actor, invoice: Invoice) -> bool:
    """Say what lists and lookups may find: in SQL, the WHERE of every query."""
    if not actor.active or actor.tenant != invoice.tenant:
        return False
    return invoice.owner == actor.id or "read" in ROLE_MAY.get(actor.role, set())


def by_id_alone(actor: Actor | None, action: str, invoice_id: int) -> int:
    """Check that somebody is logged in, and nothing else: the BOLA bug."""
    if actor is None:
        return 401
    return 200 if any(each.id == invoice_id for each in INVOICES) else 404


def scoped(actor: Actor | None, action: str, invoice_id: int) -> int:
    if actor is None:
        return 401
    for invoice in INVOICES:
        if invoice.id == invoice_id and visible(actor, invoice):
            return 200 if allowed(actor, action, invoice) else 403
    return 404  # absent, or not yours: the same answer


# --8<-- [end:show]

ANA = Actor("ana", "acme", "member")
EVE = Actor("eve", "acme", "accountant")
ADA = Actor("ada", "acme", "admin")
ACTORS = {
    "member": ANA,
    "accountant": EVE,
    "admin": ADA,
    "suspended admin": replace(ADA, active=False),
    "admin of globex": Actor("dee", "globex", "admin"),
}
ACTIONS = {"R": "read", "U": "update", "D": "delete", "A": "approve", "X": "export"}
EXPECTED = {  # own, small, large, in the other tenant
    "member": ("RU---", "-----", "-----", "-----"),
    "accountant": ("RU---", "R--A-", "R----", "-----"),
    "admin": ("RUD--", "RUDA-", "RUDA-", "-----"),
    "suspended admin": ("-----", "-----", "-----", "-----"),
    "admin of globex": ("-----", "-----", "-----", "RUD--"),
}
Policy = Callable[[Actor, str, Invoice], bool]


def without_tenant(actor: Actor, action: str, invoice: Invoice) -> bool:
    return allowed(actor, action, replace(invoice, tenant=actor.tenant))


def decisions(policy: Policy, actor: Actor) -> tuple[str, ...]:
    """Try every action on an invoice of one's own, and on the others."""
    own = replace(INVOICES[0], owner=actor.id)
    return tuple(
        "".join(
            letter if policy(actor, action, invoice) else "-"
            for letter, action in ACTIONS.items()
        )
        for invoice in [own, *INVOICES[1:]]
    )


def wrong(policy: Policy) -> list[str]:
    return [
        f"{name} {have} for {want}"
        for name, actor in ACTORS.items()
        for have, want in zip(decisions(policy, actor), EXPECTED[name], strict=True)
        if have != want
    ]


def main() -> None:
    print(f"{'':<17}own    small  large  globex's")
    for name, actor in ACTORS.items():
        print(f"{name:<17}" + "  ".join(decisions(allowed, actor)))
    print(f"100 decisions, wrong cells: {len(wrong(allowed))}")
    findings = wrong(without_tenant)
    print(f"without the tenant check: {len(findings)}, first {findings[0]}")
    pairs = [(actor, invoice) for actor in ACTORS.values() for invoice in INVOICES]
    agree = sum(
        allowed(actor, "read", invoice) == visible(actor, invoice)
        for actor, invoice in pairs
    )
    print(f"lists and policy agree on {agree} of {len(pairs)} pairs")
    print("ana asks for invoices 1 to 5")
    for name, handler in (("by id alone", by_id_alone), ("in her scope", scoped)):
        statuses = [str(handler(ANA, "read", number)) for number in range(1, 6)]
        print(f"  {name:<14}{' '.join(statuses)}")
    print("somebody deletes invoice 2")
    for name, actor in (("nobody", None), ("ana", ANA), ("eve", EVE), ("ada", ADA)):
        print(f"  {name:<14}{scoped(actor, 'delete', 2)}")


if __name__ == "__main__":
    main()
