"""Check the rules, run their tests, then prove that the tests would notice."""

import re
import subprocess
import tempfile
from pathlib import Path

import yaml

HERE = Path(__file__).resolve().parent
STATES = "count by (alertname, alertstate) (ALERTS)"
WEAKER = {
    "without for": ("for: 5m", "for: 0m"),
    "without the traffic guard": ("> 0.2", "> 0"),
    "without keep_firing_for": ("keep_firing_for: 3m", ""),
    "with a threshold of 50 percent": ("> 0.02", "> 0.5"),
}


def promtool(*arguments: str, folder: Path = HERE) -> bool:
    run = subprocess.run(
        ["promtool", *arguments],
        cwd=folder,
        capture_output=True,
        timeout=20,
        check=False,
    )
    return run.returncode == 0


def state(samples: list[dict]) -> str:
    labels = samples[0]["labels"] if samples else ""
    found = re.search(r'alertname="(\w+)", alertstate="(\w+)"', labels)
    return f"{found[1]} {found[2]}" if found else "no alert"


# --8<-- [start:show]
def main() -> None:
    for command in (["check", "rules", "rules.yml"], ["test", "rules", "tests.yml"]):
        if not promtool(*command):
            raise SystemExit("promtool refuses: " + " ".join(command))
        print("passed: promtool", *command)
    # Every line below is an assertion that promtool has just confirmed.
    for test in yaml.safe_load((HERE / "tests.yml").read_text())["tests"]:
        print(test["name"])
        seen = ""
        for item in test["promql_expr_test"]:
            now = state(item["exp_samples"])
            if item["expr"] == STATES and now != seen:
                print(f"  {item['eval_time']}  {now}")
                seen = now
    print()
    rules = (HERE / "rules.yml").read_text()
    for change, (old, new) in WEAKER.items():
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            (folder / "rules.yml").write_text(rules.replace(old, new))
            (folder / "tests.yml").write_text((HERE / "tests.yml").read_text())
            passed = promtool("test", "rules", "tests.yml", folder=folder)
        print(f"{change}: tests {'pass' if passed else 'fail'}")


# --8<-- [end:show]


if __name__ == "__main__":
    main()
