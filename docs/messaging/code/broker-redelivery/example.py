"""Two workers, a poison message and two crashes, in front of an in-memory broker."""

from dataclasses import dataclass, field
from typing import NamedTuple


# --8<-- [start:show]
@dataclass
class Message:
    name: str
    visible_at: int = 0
    deliveries: int = 0
    receipt: int = 0  # of the newest delivery


class Delivery(NamedTuple):
    name: str
    receipt: int
    number: int


@dataclass
class Queue:
    visibility: int  # seconds a delivery stays hidden
    max_deliveries: int
    dead: list[Message] = field(default_factory=list)
    _messages: list[Message] = field(default_factory=list)
    _receipts: int = 0

    def send(self, name: str) -> None:
        self._messages.append(Message(name))

    def receive(self, now: int) -> Delivery | None:
        """Hide the oldest visible message and hand it out; bury the hopeless."""
        for message in list(self._messages):
            if message.visible_at > now:
                continue
            if message.deliveries == self.max_deliveries:
                self._messages.remove(message)
                self.dead.append(message)
                continue
            self._receipts += 1
            message.receipt = self._receipts
            message.deliveries += 1
            message.visible_at = now + self.visibility
            return Delivery(message.name, message.receipt, message.deliveries)
        return None

    def ack(self, receipt: int) -> bool:
        """Forget the message, unless somebody else holds it by now."""
        held = self._held(receipt)
        if held is not None:
            self._messages.remove(held)
        return held is not None

    def hide(self, receipt: int, until: int) -> bool:
        """A heartbeat in a long job, or the wait after a failure."""
        held = self._held(receipt)
        if held is not None:
            held.visible_at = until
        return held is not None

    def _held(self, receipt: int) -> Message | None:
        return next((m for m in self._messages if m.receipt == receipt), None)


# --8<-- [end:show]

ORDERS = ["order-1", "order-2", "order-3", "order-4"]
SECONDS = 150


@dataclass
class Options:
    ack_first: bool = False
    heartbeat: bool = False
    idempotent: bool = False


@dataclass
class Line:
    start: int
    worker: str
    delivery: Delivery
    end: int = 0
    what: str = ""


@dataclass
class Worker:
    name: str
    line: Line | None = None  # what it works on
    free_at: int = 0


class Run:
    """The virtual clock, the workers, and the effects they have in the world."""

    def __init__(self, options: Options) -> None:
        self.options = options
        self.queue = Queue(visibility=30, max_deliveries=3)
        self.effects = dict.fromkeys(ORDERS, 0)
        self.lines: list[Line] = []
        for name in ORDERS:
            self.queue.send(name)

    def play(self) -> None:
        workers = [Worker("A"), Worker("B")]
        for now in range(SECONDS):
            for worker in workers:
                self._tick(worker, now)

    def _tick(self, worker: Worker, now: int) -> None:
        line = worker.line
        if line is not None:
            if self.options.heartbeat and (now - line.start) % 10 == 0:
                self.queue.hide(line.delivery.receipt, now + self.queue.visibility)
            if now == worker.free_at:
                worker.line = None
                line.end, line.what = now, self._finish(worker, line.delivery, now)
        elif now >= worker.free_at and (delivery := self.queue.receive(now)):
            if self.options.ack_first:
                self.queue.ack(delivery.receipt)
            slow = delivery.name == "order-3" and delivery.number == 1
            worker.free_at = now + (40 if slow else 2)
            worker.line = Line(now, worker.name, delivery)
            self.lines.append(worker.line)

    def _finish(self, worker: Worker, delivery: Delivery, now: int) -> str:
        first = delivery.number == 1
        if delivery.name == "order-1" and first:
            worker.free_at = now + 5  # until the process is back
            return "worker dies before the effect"
        if delivery.name == "order-2":
            wait = 10 * delivery.number
            self.queue.hide(delivery.receipt, now + wait)
            return f"fails, next try in {wait} s"
        seen = self.options.idempotent and self.effects[delivery.name] > 0
        self.effects[delivery.name] += not seen
        if delivery.name == "order-4" and first:
            worker.free_at = now + 5
            return "worker dies after the effect, before the ack"
        acked = self.queue.ack(delivery.receipt)
        return ("seen before" if seen else "effect") + (
            ", ack" if acked else ", ack refused: no longer the holder"
        )


def summary(label: str, run: Run) -> None:
    dead = {message.name for message in run.queue.dead}
    groups: list[list[str]] = [[], [], [], []]  # once, twice, lost, dead
    for name, count in run.effects.items():
        group = 3 if name in dead else 2 if count == 0 else count - 1
        groups[group].append(name.removeprefix("order-"))
    columns = "".join(f"{' '.join(group) or '-':<8}" for group in groups)
    print(f"{label:<31}{columns}".rstrip())


def main() -> None:
    print("visibility timeout 30 s, dead letter after 3 deliveries")
    print("   s  to  worker  message  delivery  outcome")
    run = Run(Options())
    run.play()
    for line in run.lines:
        name, _, number = line.delivery
        times = f"{line.start:>4}{line.end:>4}  {line.worker:<8}"
        print(f"{times}{name:<9}{number:<10}{line.what}")
    print("\norders that had their effect   once    twice   lost    dead")
    runs = [
        ("ack before the work", Options(ack_first=True)),
        ("ack after the work", Options()),
        ("  and a heartbeat every 10 s", Options(heartbeat=True)),
        ("  and an idempotent handler", Options(heartbeat=True, idempotent=True)),
    ]
    for label, options in runs:
        run = Run(options)
        run.play()
        summary("  " + label, run)


if __name__ == "__main__":
    main()
