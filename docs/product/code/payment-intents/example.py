"""Pay once: intents, keys, webhooks, refunds, a dispute and reconciliation."""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field

# ISO 4217: how many digits follow the point. Amounts are integers of the minor unit.
EXPONENTS = {"EUR": 2, "JPY": 0, "KWD": 3}
DISPUTE_FEE = 1500


def show(amount: int, currency: str) -> str:
    digits = EXPONENTS[currency]
    if digits == 0:
        return f"{amount} {currency}"
    whole, rest = divmod(amount, 10**digits)  # amounts here are never negative
    return f"{whole}.{rest:0{digits}} {currency}"


def fee(amount: int) -> int:
    """1.4 % and 25, rounded half up, in integers."""
    return (amount * 14 + 500) // 1000 + 25


@dataclass(slots=True)
class Line:
    """One line of the provider's report."""

    intent: str
    kind: str
    reference: str  # the key of the call
    amount: int
    currency: str


@dataclass(slots=True)
class Record:
    """What the provider knows of one of our intents."""

    status: str = "unknown"
    disputed: int = 0


class Provider:
    """Charges for real, answers when it likes."""

    def __init__(self) -> None:
        self.fault = ""  # of the next call
        self.records: dict[str, Record] = defaultdict(Record)
        self.answers: dict[str, str] = {}  # by idempotency key
        self.report: list[Line] = []
        self.on_paid: Callable[[str], None] = lambda intent: None

    def charge(self, key: str, intent: str, amount: int, currency: str) -> str:
        fault, self.fault = self.fault, ""
        if fault == "timeout before":
            raise TimeoutError
        if key not in self.answers:
            if fault in ("declined", "requires_action"):
                self.answers[key] = self.records[intent].status = fault
            else:
                self.answers[key] = "paid"
                self.settle(key, intent, amount, currency)
        if fault == "timeout after":
            raise TimeoutError
        return self.answers[key]

    def settle(self, key: str, intent: str, amount: int, currency: str) -> None:
        self.records[intent].status = "paid"
        self.report.append(Line(intent, "charge", key, amount, currency))
        self.report.append(Line(intent, "fee", key, -fee(amount), currency))
        self.on_paid(intent)

    def refund(self, key: str, intent: str, amount: int, currency: str) -> None:
        fault, self.fault = self.fault, ""
        if fault == "timeout before":
            raise TimeoutError
        if key not in self.answers:
            self.answers[key] = "refunded"
            self.report.append(Line(intent, "refund", key, -amount, currency))
        if fault == "timeout after":
            raise TimeoutError

    def dispute(self, intent: str, amount: int, currency: str) -> None:
        self.records[intent].disputed = amount
        self.report.append(Line(intent, "dispute", "", -amount, currency))
        self.report.append(Line(intent, "fee", "", -DISPUTE_FEE, currency))


@dataclass(slots=True)
class Intent:
    id: str
    amount: int
    currency: str = "EUR"
    state: str = "created"
    attempt: int = 0
    refunds: dict[str, int] = field(default_factory=dict)  # by key
    disputed: int = 0


NEXT = {
    "created": {"pending"},
    "pending": {"requires_action", "paid", "declined"},
    "requires_action": {"paid", "declined"},
    "declined": {"pending"},  # another card: a new attempt, a new key
    "paid": set(),  # refunds and disputes are amounts beside it
}


# --8<-- [start:show]
class Shop:
    def __init__(self, provider: Provider) -> None:
        self.provider = provider
        self.intents: dict[str, Intent] = {}
        self.inbox: set[str] = set()  # a table, the event id is its key
        self.fulfilled: list[str] = []
        self.book: dict[str, int] = defaultdict(int)  # what the provider owes us

    def move(self, intent: Intent, state: str, source: str) -> str:
        """In a database: UPDATE ... WHERE state = the old one; one row, or stop."""
        if state not in NEXT[intent.state]:
            return f"{source} says {state}, is {intent.state}: nothing to do"
        intent.state = state
        if state == "paid":
            self.fulfilled.append(intent.id)  # in the same transaction
            self.book[intent.currency] += intent.amount - fee(intent.amount)
        return f"{source} says {state}"

    def pay(self, intent: Intent) -> str:
        if intent.state in ("created", "declined"):
            intent.attempt += 1
            intent.state = "pending"  # committed with the key, before the call
        key = f"{intent.id}/{intent.attempt}"  # one per attempt
        try:
            status = self.provider.charge(
                key, intent.id, intent.amount, intent.currency
            )
        except TimeoutError:
            return f"no answer: {intent.state}"  # unknown is not failed
        return self.move(intent, status, "answer")

    def receive(self, event: str, intent: Intent) -> str:
        if event in self.inbox:
            return f"{event} is known"
        self.inbox.add(event)
        record = self.provider.records[intent.id]  # the event is a hint
        if record.disputed and not intent.disputed:
            intent.disputed = record.disputed
            self.book[intent.currency] -= record.disputed + DISPUTE_FEE
            return f"{event} says disputed"
        return self.move(intent, record.status, event)

    def refund(self, intent: Intent, key: str, amount: int) -> str:
        if key not in intent.refunds:
            left = intent.amount - sum(intent.refunds.values())
            if intent.state != "paid" or intent.disputed:
                return "refused: not paid, or disputed"
            if not 0 < amount <= left:
                return f"refused: {show(left, intent.currency)} left"
            intent.refunds[key] = amount  # reserved and committed before the call
            self.book[intent.currency] -= amount
        amount = intent.refunds[key]  # a repeat sends what was reserved
        try:
            self.provider.refund(key, intent.id, amount, intent.currency)
        except TimeoutError:
            return "no answer: stays reserved"
        return f"refunded {show(amount, intent.currency)}"


# --8<-- [end:show]


def reconcile(shop: Shop) -> list[str]:
    """Repairs what has one explanation, and reports the rest."""
    provider, findings = shop.provider, []
    charges: dict[str, list[Line]] = defaultdict(list)
    refunds = {line.reference for line in provider.report if line.kind == "refund"}
    for line in provider.report:
        if line.kind == "charge":
            charges[line.intent].append(line)
    for intent in shop.intents.values():
        lines, was = charges[intent.id], intent.state
        if lines and was != "paid":
            findings.append(f"{intent.id} {was}: {shop.move(intent, 'paid', 'report')}")
        if was == "paid" and (not lines or lines[0].amount != intent.amount):
            findings.append(f"{intent.id} paid here, not there: a person must look")
        for line in lines[1:]:
            key = f"undo {line.reference}"
            if key not in refunds:
                provider.refund(key, intent.id, line.amount, line.currency)
                shop.book[line.currency] -= fee(line.amount)  # it does not come back
                back = show(line.amount, line.currency)
                findings.append(f"{intent.id} charged twice: {back} given back")
        for key, amount in intent.refunds.items():
            if key not in refunds:
                provider.refund(key, intent.id, amount, intent.currency)
                findings.append(f"{intent.id} refund {key} unknown there: sent again")
    return findings


def main() -> None:
    provider = Provider()
    shop = Shop(provider)
    amounts = {"p1": 4200, "p2": 1999, "p3": 2500, "p4": 8000, "p5": 6000}
    for name, amount in amounts.items():
        shop.intents[name] = Intent(name, amount)
    shop.intents["p6"] = Intent("p6", 4200, "JPY")
    p1, p2, p3, p4, p5, p6 = shop.intents.values()

    def tell(intent: Intent, step: str, outcome: str) -> None:
        charges = [
            line.intent == intent.id and line.kind == "charge"
            for line in provider.report
        ]
        print(f"{intent.id:<4}{step:<21}{outcome:<47}{sum(charges)}")

    print(f"{'':<4}{'step':<21}{'outcome':<47}charges")
    provider.fault = "timeout after"
    tell(p1, "pay", shop.pay(p1))
    tell(p1, "again, same key", shop.pay(p1))

    p2.state = "pending"
    for key in ("first", "second"):  # the mistake: a key for each request
        provider.fault = "timeout after" if key == "first" else ""
        try:
            outcome = provider.charge(key, p2.id, p2.amount, p2.currency)
            tell(p2, "again, new key", shop.move(p2, outcome, "answer"))
        except TimeoutError:
            tell(p2, "pay, careless", f"no answer: {p2.state}")

    early: list[str] = []
    provider.on_paid = lambda intent: early.append(
        shop.receive("evt_3", shop.intents[intent])
    )
    outcome = shop.pay(p3)
    provider.on_paid = lambda intent: None
    tell(p3, "webhook is faster", early[0])
    tell(p3, "then the answer", outcome)
    tell(p3, "webhook again", shop.receive("evt_3", p3))

    provider.fault = "declined"
    tell(p4, "pay", shop.pay(p4))
    provider.fault = "requires_action"
    tell(p4, "another card", shop.pay(p4))
    provider.settle("p4/2", p4.id, p4.amount, p4.currency)  # passed 3-D Secure
    tell(p4, "browser closed", shop.receive("evt_4", p4))

    provider.fault = "requires_action"
    tell(p5, "pay", shop.pay(p5))
    provider.settle("p5/1", p5.id, p5.amount, p5.currency)
    tell(p5, "webhook is lost", f"is {p5.state}")
    tell(p6, "pay", shop.pay(p6))

    provider.fault = "timeout after"
    tell(p1, "refund 10.00", shop.refund(p1, "r1", 1000))
    tell(p1, "again, same key", shop.refund(p1, "r1", 1000))
    tell(p1, "refund 40.00", shop.refund(p1, "r2", 4000))
    provider.fault = "timeout before"
    tell(p4, "refund 80.00", shop.refund(p4, "r4", 8000))
    provider.dispute(p3.id, p3.amount, p3.currency)
    tell(p3, "webhook", shop.receive("evt_9", p3))
    tell(p3, "refund 25.00", shop.refund(p3, "r3", 2500))

    print("reconciliation")
    for finding in reconcile(shop):
        print(f"    {finding}")
    print(f"    second run: {len(reconcile(shop))} to repair")
    there: dict[str, int] = defaultdict(int)
    for line in provider.report:
        there[line.currency] += line.amount
    for currency, amount in sorted(shop.book.items()):
        ours, theirs = show(amount, currency), show(there[currency], currency)
        print(f"balance: ours {ours}, provider's {theirs}")
    once = len(shop.fulfilled) == len(set(shop.fulfilled)) == len(shop.intents)
    print(f"each intent fulfilled once: {'yes' if once else 'no'}")


if __name__ == "__main__":
    main()
