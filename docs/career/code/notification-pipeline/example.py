"""A notification pipeline on virtual time: lanes, quiet hours, lost answers."""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Rule:
    lane: int
    quiet: bool  # does it wait for the morning?
    valid: int  # seconds
    unknown: str  # what to do when the provider's answer is lost


@dataclass
class Message:
    number: int
    created: int
    due: int
    event: str
    user: str
    channel: str
    kind: str


RULES = {
    "code": Rule(0, False, 300, "other provider"),
    "order": Rule(1, True, 86_400, "same again"),
    "promo": Rule(2, True, 43_200, "leave it"),
}
USERS = {"ada": 1, "ben": 0, "cy": 2, "dana": 9, "eve": -5}  # hours from UTC
PROVIDERS = {"push": ["push-1"], "sms": ["sms-1", "sms-2"]}
START, DAY = 20 * 3600 - 2, 86_400  # the trace begins at 19:59:58 UTC


def clock(now: int) -> str:
    s = (START + now) % DAY
    return f"{s // 3600:02}:{s // 60 % 60:02}:{s % 60:02}"


def due_at(now: int, kind: str, user: str) -> int:
    """Now, or 8:00 local time if the kind may not disturb the user's night."""
    local = (START + now + USERS[user] * 3600) % DAY
    if not RULES[kind].quiet:
        return now
    if local >= 22 * 3600:
        return now + DAY - local + 8 * 3600
    return now + 8 * 3600 - local if local < 8 * 3600 else now


@dataclass
class Pipeline:
    lanes: bool
    faults: dict[tuple[str, str, str], str]
    loud: bool = True
    queue: list[Message] = field(default_factory=list)
    seen: set[tuple[str, str, str]] = field(default_factory=set)
    refused: set[tuple[str, str, str]] = field(default_factory=set)
    screens: dict[str, list[str]] = field(default_factory=dict)
    ends: dict[str, tuple[str, int]] = field(default_factory=dict)

    def say(self, now: int, event: str, user: str, text: str) -> None:
        self.ends[event] = (text, now)
        if self.loud:
            print(f"{clock(now)}  {event:<9}{user:<6}{text}")

    def call(self, provider: str, m: Message) -> str:
        """Ask a provider; what the user's screen shows is known to us alone."""
        fault = self.faults.pop((provider, m.event, m.user), "ok")
        screen = self.screens.setdefault(m.user, [])
        # Push replaces what has the same collapse id; a text message is added.
        if fault in ("ok", "answer lost") and not (
            m.channel == "push" and m.event in screen
        ):
            screen.append(m.event)
        return fault

    # --8<-- [start:show]
    def accept(self, now: int, event: str, user: str, channel: str, kind: str) -> None:
        key = (event, user, channel)
        if key in self.seen:  # in a store: a unique key, in the queue's transaction
            return self.say(now, event, user, "duplicate event, dropped")
        self.seen.add(key)
        due = due_at(now, kind, user)
        if due > now:
            self.say(now, event, user, f"quiet hours, waits until {clock(due)}")
        number = len(self.seen)
        self.queue.append(Message(number, now, due, event, user, channel, kind))

    def pick(self, now: int, lane: int | None) -> Message | None:
        mine = [m for m in self.queue if lane in (None, RULES[m.kind].lane)]
        m = min((m for m in mine if m.due <= now), key=lambda m: m.number, default=None)
        if m:
            self.queue.remove(m)
        return m

    def tick(self, now: int) -> bool:
        """Each sender sends one message a second; each lane has its own sender."""
        lanes = (0, 1, 2) if self.lanes else (None,)
        picked = [m for lane in lanes if (m := self.pick(now, lane))]
        for m in picked:
            self.send(now, m)
        return bool(picked)

    def send(self, now: int, m: Message) -> None:
        rule = RULES[m.kind]
        if now > m.created + rule.valid:
            return self.say(now, m.event, m.user, "expired, not sent")
        if (m.user, m.channel, m.kind) in self.refused:  # since it was planned
            return self.say(now, m.event, m.user, "opted out, not sent")
        m.due = due_at(now, m.kind, m.user)  # did the night begin meanwhile?
        if m.due > now:
            self.queue.append(m)
            text = f"quiet hours, waits until {clock(m.due)}"
            return self.say(now, m.event, m.user, text)
        for provider in PROVIDERS[m.channel]:
            outcome = self.call(provider, m)
            self.say(now, m.event, m.user, f"{provider}: {outcome}")
            if outcome == "answer lost" and rule.unknown == "same again":
                outcome = self.call(provider, m)  # same collapse id
                self.say(now, m.event, m.user, f"{provider} again: {outcome}")
            if outcome == "ok":
                return None
            if outcome == "answer lost" and rule.unknown == "leave it":
                return self.say(now, m.event, m.user, "unknown, left so")
        m.due = now + 30  # every provider failed: later, while it is valid
        self.queue.append(m)
        return None

    # --8<-- [end:show]

    def run(self, events: list[tuple[int, str, str, str, str]]) -> None:
        """Second by second; jump over the time in which nothing is due."""
        now = 0
        while events or self.queue:
            while events and events[0][0] <= now:
                _, event, *rest = events.pop(0)
                if event == "opt-out":
                    user, channel, kind = rest
                    self.refused.add((user, channel, kind))
                    self.say(now, event, user, f"no {kind} by {channel} from now on")
                else:
                    self.accept(now, event, *rest)
            if self.tick(now):
                now += 1
            else:
                now = min([e[0] for e in events[:1]] + [m.due for m in self.queue])


def main() -> None:
    for lanes in (False, True):
        p = Pipeline(lanes, {}, loud=False)
        campaign = [(0, f"sale-{n}", "ben", "push", "promo") for n in range(600)]
        p.run([*campaign, (1, "code-1", "ada", "sms", "code")])
        text, at = p.ends["code-1"]
        name = "Lanes:" if lanes else "One queue:"
        print(f"{name:<11}code-1 after {at - 1} s: {text}")
    faults = {
        ("sms-1", "code-2", "ada"): "failed",
        ("sms-1", "code-3", "dana"): "answer lost",
        ("push-1", "shipped", "ada"): "answer lost",
        ("push-1", "sale", "eve"): "answer lost",
    }
    p = Pipeline(True, faults)
    p.run(
        [(0, "sale", user, "push", "promo") for user in USERS]
        + [
            (1, "opt-out", "ben", "push", "promo"),
            (1, "code-2", "ada", "sms", "code"),
            (2, "shipped", "ada", "push", "order"),
            (2, "shipped", "ada", "push", "order"),
            (2, "code-3", "dana", "sms", "code"),
        ]
    )
    print("On the screens:")
    for user in USERS:
        print(f"  {user:<6}{', '.join(p.screens.get(user, [])) or 'nothing'}")


if __name__ == "__main__":
    main()
