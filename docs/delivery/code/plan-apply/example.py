"""Plan and apply over a directory that plays the cloud."""

import json
import os
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

FORCES_NEW = {"engine", "zone"}
UNKNOWN = "(known after apply)"
Attributes = dict[str, str | int]


class RefusedError(Exception):
    """The engine will not go on; nothing was changed."""


class CrashError(Exception):
    """The process dies here, in the middle of an apply."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """One resource of the configuration. '@app.web' refers to its id."""

    attributes: Attributes
    protect: bool = False

    def needs(self) -> list[str]:
        texts = [v for v in self.attributes.values() if isinstance(v, str)]
        return [text[1:] for text in texts if text.startswith("@")]


@dataclass(frozen=True, slots=True)
class Step:
    action: str
    address: str
    why: str = ""

    def __str__(self) -> str:
        sign = {"create": "+", "update": "~", "replace": "-/+", "delete": "-"}
        return f"{sign[self.action]:>3} {self.address:<16} {self.why}".rstrip()


@dataclass(frozen=True, slots=True)
class Plan:
    steps: list[Step]
    serial: int  # the state it was made for
    drift: list[str]


class Cloud:
    """The provider's API: one JSON file for each resource."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.made = 0

    def create(self, kind: str, attributes: Attributes) -> str:
        self.made += 1
        self.write(f"{kind}-{self.made}", attributes)
        return f"{kind}-{self.made}"

    def write(self, name: str, attributes: Attributes) -> None:
        (self.folder / name).write_text(json.dumps(attributes))

    def read(self, name: str) -> Attributes | None:
        path = self.folder / name
        return json.loads(path.read_text()) if path.exists() else None

    def delete(self, name: str) -> None:
        (self.folder / name).unlink()

    def names(self) -> list[str]:
        return sorted(path.name for path in self.folder.iterdir())


class Backend:
    """Keeps the state file, and a lock beside it."""

    def __init__(self, folder: Path) -> None:
        self.file = folder / "state.json"
        self.lock_file = folder / "state.lock"

    def load(self) -> dict:
        if not self.file.exists():
            return {"lineage": "sample-lineage-1", "serial": 0, "resources": {}}
        return json.loads(self.file.read_text())

    def save(self, state: dict) -> None:
        """Only the successor of what is stored, and only of the same lineage."""
        stored = self.load()
        if stored["lineage"] != state["lineage"]:
            raise RefusedError(f"state belongs to {stored['lineage']}")
        if stored["serial"] != state["serial"]:
            raise RefusedError(f"serial {stored['serial']}, not {state['serial']}")
        state["serial"] += 1
        temporary = self.file.with_suffix(".tmp")
        temporary.write_text(json.dumps(state))
        temporary.replace(self.file)

    def lock(self, who: str) -> None:
        try:  # atomic: of two processes, one creates the file
            handle = os.open(self.lock_file, os.O_CREAT | os.O_EXCL | os.O_WRONLY)
        except FileExistsError:
            raise RefusedError(f"locked by {self.lock_file.read_text()}") from None
        with os.fdopen(handle, "w") as file:
            file.write(who)

    def unlock(self) -> None:
        self.lock_file.unlink()


def ordered(needs: dict[str, list[str]]) -> list[str]:
    """Dependencies before the resources that need them."""
    done: list[str] = []

    def visit(address: str) -> None:
        if address in needs and address not in done:
            for other in needs[address]:
                visit(other)
            done.append(address)

    for address in sorted(needs):
        visit(address)
    return done


def resolve(attributes: Attributes, known: dict, fresh: set[str]) -> Attributes:
    """Replace references by ids, as far as they are known before the apply."""

    def value(raw: str | int) -> str | int:
        if not isinstance(raw, str) or not raw.startswith("@"):
            return raw
        return UNKNOWN if raw[1:] in fresh else known[raw[1:]]["id"]

    return {key: value(raw) for key, raw in attributes.items()}


# --8<-- [start:show]
def refresh(state: dict, cloud: Cloud) -> tuple[dict, list[str]]:
    """Ask the cloud about everything the state knows; report the difference."""
    seen: dict[str, dict] = {}
    drift: list[str] = []
    for address, old in state["resources"].items():
        real = cloud.read(old["id"])
        if real is None:
            drift.append(f"{address} is gone")
            continue
        for key in sorted(real):
            if real[key] != old["attributes"].get(key):
                was = old["attributes"].get(key)
                drift.append(f"{address} {key}: {was} -> {real[key]}")
        seen[address] = {**old, "attributes": real}
    return seen, drift


def plan(wanted: dict[str, Wanted], state: dict, cloud: Cloud) -> Plan:
    known, drift = refresh(state, cloud)
    steps: list[Step] = []
    fresh: set[str] = set()  # will get an id nobody knows yet
    for address in ordered({a: w.needs() for a, w in wanted.items()}):
        want = resolve(wanted[address].attributes, known, fresh)
        have = known[address]["attributes"] if address in known else None
        if have is None:
            action, changed = "create", []
        else:
            changed = [key for key in want if want[key] != have.get(key)]
            action = "replace" if FORCES_NEW & set(changed) else "update"
            if not changed:
                continue
        if action == "replace" and wanted[address].protect:
            what = f"{address} is protected"
            raise RefusedError(f"{what}, {changed[0]} forces a new one")
        if action != "update":
            fresh.add(address)
        why = ", ".join(f"{key}: {have.get(key)} -> {want[key]}" for key in changed)
        steps.append(Step(action, address, why))
    gone = {a: r["needs"] for a, r in known.items() if a not in wanted}
    for address in reversed(ordered(gone)):  # what needs others goes first
        steps.append(Step("delete", address))
    return Plan(steps, state["serial"], drift)


# --8<-- [end:show]


def never(address: str) -> None:
    """No crash."""


def apply(
    plan: Plan,
    wanted: dict[str, Wanted],
    backend: Backend,
    cloud: Cloud,
    who: str,
    before_saving: Callable[[str], None] = never,
) -> dict:
    backend.lock(who)
    state = backend.load()
    if state["serial"] != plan.serial:
        backend.unlock()
        raise RefusedError(f"plan is for serial {plan.serial}, now {state['serial']}")
    resources = state["resources"]
    for step in plan.steps:
        old = resources.get(step.address)
        if step.action in ("replace", "delete"):
            cloud.delete(old["id"])
            del resources[step.address]
        if step.action != "delete":
            attributes = resolve(wanted[step.address].attributes, resources, set())
            if step.action == "update":
                cloud.write(old["id"], attributes)
                name = old["id"]
            else:
                name = cloud.create(step.address.split(".")[0], attributes)
            needs = wanted[step.address].needs()
            resources[step.address] = {
                "id": name,
                "attributes": attributes,
                "needs": needs,
            }
        before_saving(step.address)  # the gap that no lock closes
        backend.save(state)
    backend.unlock()
    return state


def show(plan: Plan) -> None:
    for line in plan.drift:
        print(f"   drift: {line}")
    for step in plan.steps:
        print(f"   {step}")


def refused(action: Callable[[], object]) -> str:
    try:
        action()
    except RefusedError as error:
        return f"refused: {error}"
    raise AssertionError("expected a refusal")


def main(root: Path) -> None:
    (root / "cloud").mkdir()
    cloud, backend = Cloud(root / "cloud"), Backend(root)
    database = Wanted({"engine": "17", "size": 20}, protect=True)
    wanted = {
        "app.web": Wanted({"zone": "a", "database": "@db.orders"}),
        "alias.shop": Wanted({"target": "@app.web"}),
        "db.orders": database,
    }

    print("1  the first run creates, the second has nothing to do")
    first = plan(wanted, backend.load(), cloud)
    show(first)
    state = apply(first, wanted, backend, cloud, "ci-1")
    again = plan(wanted, state, cloud).steps
    names = " ".join(cloud.names())
    print(
        f"   serial {state['serial']}, cloud: {names}, second plan: {len(again)} steps"
    )

    print("2  somebody resizes the database by hand")
    cloud.write("db-1", {"engine": "17", "size": 80})
    repair = plan(wanted, state, cloud)
    show(repair)

    print("3  two runs at once, and a plan that grew old")
    backend.lock("ci-2")
    second = refused(lambda: apply(repair, wanted, backend, cloud, "ci-3"))
    print(f"   ci-3 {second}")
    backend.unlock()
    apply(repair, wanted, backend, cloud, "ci-2")
    late = refused(lambda: apply(repair, wanted, backend, cloud, "ci-3"))
    print(f"   ci-3 {late}")
    other = {**backend.load(), "lineage": "sample-lineage-2"}
    print(f"   a copied folder: {refused(lambda: backend.save(other))}")

    print("4  replace, and what depends on it")
    wanted["app.web"] = Wanted({"zone": "b", "database": "@db.orders"})
    move = plan(wanted, backend.load(), cloud)
    show(move)
    apply(move, wanted, backend, cloud, "ci-4")
    print(f"   alias now points to {cloud.read('alias-3')['target']}")
    wanted["db.orders"] = Wanted({"engine": "18", "size": 20}, protect=True)
    print(f"   {refused(lambda: plan(wanted, backend.load(), cloud))}")
    wanted["db.orders"] = database

    print("5  ci-5 dies between the create and the saved state")
    wanted["cache.carts"] = Wanted({"size": 2})

    def die(address: str) -> None:
        raise CrashError(address)

    grow = plan(wanted, backend.load(), cloud)
    try:
        apply(grow, wanted, backend, cloud, "ci-5", before_saving=die)
    except CrashError as crash:
        print(f"   crash at {crash}")
    print(f"   ci-6 {refused(lambda: apply(grow, wanted, backend, cloud, 'ci-6'))}")
    backend.unlock()  # by a person who made sure that ci-5 is dead
    state = backend.load()
    managed = {resource["id"] for resource in state["resources"].values()}
    orphans = [name for name in cloud.names() if name not in managed]
    print(f"   orphan: {orphans[0]}, and the next plan makes a second one")
    show(plan(wanted, state, cloud))
    found = cloud.read(orphans[0])
    adopted = {"id": orphans[0], "attributes": found, "needs": []}
    state["resources"]["cache.carts"] = adopted
    backend.save(state)
    rest = plan(wanted, state, cloud).steps
    print(f"   imported: the plan has {len(rest)} steps")

    print("6  two resources leave the configuration")
    del wanted["app.web"], wanted["alias.shop"]
    show(plan(wanted, state, cloud))


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as name:
        main(Path(name))
