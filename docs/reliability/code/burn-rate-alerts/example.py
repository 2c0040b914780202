"""Run the tests of the burn-rate alerts and print what they confirmed."""

import re
import subprocess
import tempfile
from pathlib import Path

import yaml

HERE = Path(__file__).resolve().parent
FILES = ["tests.yml", "tests-slow.yml"]


def promtool(*arguments: str, folder: Path = HERE) -> bool:
    run = subprocess.run(
        ["promtool", *arguments],
        cwd=folder,
        capture_output=True,
        timeout=50,
        check=False,
    )
    return run.returncode == 0


# --8<-- [start:show]
def confirmed(name: str) -> None:
    for test in yaml.safe_load((HERE / name).read_text())["tests"]:
        print(test["name"])
        for item in test["promql_expr_test"]:
            severity = re.search(r'severity="(\w+)"', item["expr"])[1]
            samples = item["exp_samples"]
            count = samples[0]["value"] if samples else 0
            print(f"  {item['eval_time']:<8}{severity}s firing: {count}")


def survives(old: str, new: str) -> bool:
    with tempfile.TemporaryDirectory() as name:
        rules = (HERE / "rules.yml").read_text().replace(old, new)
        Path(name, "rules.yml").write_text(rules)
        Path(name, "tests.yml").write_text((HERE / "tests.yml").read_text())
        return promtool("test", "rules", "tests.yml", folder=Path(name))


# --8<-- [end:show]


def main() -> None:
    if not promtool("check", "rules", "rules.yml"):
        raise SystemExit("promtool refuses the rules")
    if not promtool("test", "rules", *FILES):
        raise SystemExit("a test fails")
    for name in FILES:
        confirmed(name)
    one_window = survives("slo:errors:ratio_rate5m > (14.4 * 0.001)", "vector(1)")
    print(f"\nwithout the 5m window: tests {'pass' if one_window else 'fail'}")


if __name__ == "__main__":
    main()
