"""A rolling update in virtual milliseconds: which requests are lost, and why."""

from dataclasses import dataclass, field

STEP = 20  # ms between two requests
REPLICAS = 4
STARTS_IN = 5_000  # ms until a new pod listens
PROXY_DELAYS = (400, 1_500)  # ms until the proxy of a node knows of a change
NEVER = 10**9


@dataclass(frozen=True)
class Plan:
    name: str
    pre_stop: int = 0
    drains: bool = True
    grace: int = 30_000
    readiness: bool = True
    surge: int = 1
    unavailable: int = 0


# --8<-- [start:show]
@dataclass
class Pod:
    plan: Plan
    started: int
    is_new: bool
    removed: int = NEVER  # deleted: two things start now, in parallel
    gone: int = NEVER
    last_request: int = 0
    work: list[int] = field(default_factory=list)  # when each request will be done

    def is_ready(self, now: int) -> bool:
        wait = STARTS_IN if self.plan.readiness else 0
        return self.started + wait <= now < self.removed

    def known_to(self, delay: int, now: int) -> bool:
        """One: endpoints change, and every proxy hears of it in its own time."""
        return self.is_ready(now - delay)

    def sigterm(self) -> int:
        """Two: the kubelet runs the preStop hook, then sends SIGTERM."""
        return self.removed + min(self.plan.pre_stop, self.plan.grace)

    def listens(self, now: int) -> bool:
        return self.started + STARTS_IN <= now < self.sigterm()

    def stop_if_due(self, now: int) -> int:
        """Exit when drained, or be killed; the number of requests cut off."""
        if now < self.sigterm() or now >= self.gone:
            return 0
        self.work = [done for done in self.work if done > now]
        killed = now >= self.removed + self.plan.grace
        if self.work and self.plan.drains and not killed:
            return 0
        self.gone = now
        return len(self.work)


def reconcile(pods: list[Pod], plan: Plan, now: int) -> None:
    """The Deployment's controller: compare, then create or delete one pod."""
    alive = [pod for pod in pods if pod.removed == NEVER]
    old = [pod for pod in alive if not pod.is_new]
    ready = sum(pod.is_ready(now) for pod in alive)
    if len(alive) < REPLICAS + plan.surge and len(alive) - len(old) < REPLICAS:
        pods.append(Pod(plan, now, is_new=True))
    elif old and ready > REPLICAS - plan.unavailable:
        old[0].removed = now


# --8<-- [end:show]


@dataclass
class Result:
    sent: int = 0
    refused: int = 0
    cut: int = 0
    fewest: int = REPLICAS
    first: Pod | None = None


def roll(plan: Plan) -> Result:
    pods = [Pod(plan, -60_000, is_new=False) for _ in range(REPLICAS)]
    result = Result()
    turns = [0] * len(PROXY_DELAYS)
    for now in range(0, 70_000, STEP):
        reconcile(pods, plan, now)
        result.cut += sum(pod.stop_if_due(now) for pod in pods)
        able = sum(pod.is_ready(now) and pod.listens(now) for pod in pods)
        result.fewest = min(result.fewest, able)

        number = now // STEP
        proxy = number % len(PROXY_DELAYS)
        known = [pod for pod in pods if pod.known_to(PROXY_DELAYS[proxy], now)]
        pod = known[turns[proxy] % len(known)]
        turns[proxy] += 1
        result.sent += 1
        pod.last_request = now
        if pod.listens(now):
            pod.work.append(now + (6_000 if number % 9 == 0 else 200))
        else:
            result.refused += 1
    result.first = pods[0]
    return result


PLANS = (
    Plan("exits at SIGTERM", drains=False),
    Plan("drains"),
    Plan("preStop 5 s, exits", pre_stop=5_000, drains=False),
    Plan("preStop 5 s, drains", pre_stop=5_000),
    Plan("  grace period 6 s", pre_stop=5_000, grace=6_000),
    Plan("  no readiness probe", pre_stop=5_000, readiness=False),
    Plan("  surge 0, unavailable 1", pre_stop=5_000, surge=0, unavailable=1),
)


def seconds(ms: int) -> str:
    return f"{ms // 1000}.{ms % 1000 // 10:02}"


def main() -> None:
    print(f"{'':<26}refused   cut   of    fewest able")
    results = [(plan, roll(plan)) for plan in PLANS]
    for plan, each in results:
        numbers = f"{each.refused:>7}{each.cut:>6}{each.sent:>7}{each.fewest:>9}"
        print(f"{plan.name:<26}{numbers}")
    print("\nfirst old pod, seconds after its deletion")
    print(f"{'':<26}SIGTERM   last request   gone")
    for plan, each in results[:5]:
        pod = each.first
        sigterm = seconds(pod.sigterm() - pod.removed)
        last = seconds(pod.last_request - pod.removed)
        gone = seconds(pod.gone - pod.removed)
        print(f"{plan.name:<26}{sigterm:>7}{last:>15}{gone:>7}")


if __name__ == "__main__":
    main()
