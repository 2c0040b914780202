"""Deliver chat messages over lossy connections: no gap, no double, one order."""

from dataclasses import dataclass, field


# --8<-- [start:show]
class Conversation:
    """The server's half: one place for each message, one row for each place."""

    def __init__(self) -> None:
        self.log: list[str] = []
        self.places: dict[tuple[str, str], int] = {}

    def append(self, user: str, client_id: str, text: str) -> tuple[int, bool]:
        place = self.places.get((user, client_id))
        if place is not None:
            return place, False  # a repetition gets the first answer
        self.log.append(text)  # both in one transaction
        self.places[user, client_id] = len(self.log)
        return len(self.log), True

    def after(self, place: int) -> list[tuple[int, str]]:
        return list(enumerate(self.log[place:], place + 1))


@dataclass
class Device:
    """The client's half: show place n only after place n - 1."""

    name: str
    last: int = 0
    shown: list[str] = field(default_factory=list)

    def receive(self, place: int, text: str, server: Conversation) -> str:
        if place <= self.last:
            return "known, dropped"
        if place > self.last + 1:
            return f"gap after {self.last}, {self.catch_up(server)}"
        self.shown.append(text)
        self.last = place
        return "shown"

    def catch_up(self, server: Conversation) -> str:
        missed = server.after(self.last)
        for place, text in missed:
            self.receive(place, text, server)
        return "fetched " + " ".join(str(place) for place, _ in missed)


# --8<-- [end:show]


class ReadPositions:
    """One number for a user and conversation, over all devices."""

    def __init__(self) -> None:
        self.read: dict[str, int] = {}

    def mark_read(self, user: str, place: int) -> int:
        self.read[user] = max(place, self.read.get(user, 0))
        return self.read[user]


class Phone(Device):
    def typed(self, text: str) -> None:
        """Pending, drawn below the rest until the server gives it a place."""

    def acknowledged(self, place: int, text: str, server: Conversation) -> str:
        return self.receive(place, text, server)


class NaiveConversation(Conversation):
    def append(self, user: str, client_id: str, text: str) -> tuple[int, bool]:
        self.log.append(text)
        return len(self.log), True


class NaivePhone(Phone):
    """Shows its own message when typed, and others as they come."""

    def typed(self, text: str) -> None:
        self.shown.append(text)

    def receive(self, place: int, text: str, server: Conversation) -> str:
        self.shown.append(text)
        return "shown"

    def acknowledged(self, place: int, text: str, server: Conversation) -> str:
        return "sent"

    def catch_up(self, server: Conversation) -> str:
        return "live messages only"


class Play:
    """The same script for both kinds of server and device."""

    def __init__(self, server: Conversation, device: type[Phone]) -> None:
        self.server = server
        self.ada, self.phone, self.laptop = map(device, ("ada", "phone", "laptop"))
        self.lines: list[str] = []

    def post(
        self, client_id: str, text: str, *to: Phone, ack: bool = True, lost: str = ""
    ) -> None:
        sender = self.ada if client_id.startswith("a") else self.phone
        place, new = self.server.append(sender.name, client_id, text)
        parts = [f"{client_id} {text:<8} {'is' if new else 'was'} {place}"]
        if ack:
            outcome = sender.acknowledged(place, text, self.server)
            parts.append(f"{sender.name}: {outcome}")
        else:
            parts.append("acknowledgment lost")
        for device in to:  # again after a repetition: the first push may be lost
            parts.append(f"{device.name}: {device.receive(place, text, self.server)}")
        if lost:
            parts.append(lost)
        self.lines.append(" | ".join(parts))

    def run(self) -> list[Phone]:
        ada, phone, laptop = self.ada, self.phone, self.laptop
        ada.typed("Lunch?")
        self.post("a1", "Lunch?", phone, laptop)
        self.lines.append("laptop loses its connection")
        ada.typed("At noon?")
        self.post("a2", "At noon?", phone, ack=False)
        self.post("a2", "At noon?", phone)
        phone.typed("Yes")
        ada.typed("Where?")
        self.post("b1", "Yes", lost="ada: on its way")
        self.post("a3", "Where?", lost="phone: lost")
        self.lines.append(f"3 arrives | ada: {ada.receive(3, 'Yes', self.server)}")
        phone.typed("Station")
        self.post("b2", "Station", ada)
        self.lines.append(
            f"laptop is back after {laptop.last} | {laptop.catch_up(self.server)}"
        )
        return [ada, phone, laptop]


def show(devices: list[Phone]) -> None:
    for device in devices:
        print(f"{device.name:<7} {' / '.join(device.shown)}")


print("Naive: no numbers, no client ids, live messages only")
show(Play(NaiveConversation(), NaivePhone).run())
print("\nNumbered: ada is Ada's phone; phone and laptop are Bob's")
play = Play(Conversation(), Phone)
devices = play.run()
print(*play.lines, sep="\n")
positions = ReadPositions()
first = positions.mark_read("bob", 5)
late = positions.mark_read("bob", 4)
print(f"Bob read up to | laptop says 5: {first} | phone says 4, late: {late}")
show(devices)
