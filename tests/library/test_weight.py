"""How much a topic matters follows from the plans and the prerequisites."""

from __future__ import annotations

import json

from guide.export.study import study_json
from guide.library.weight import weights
from mini_project import MiniProject

PLANS = """\
- id: {id}
  title: A plan
  summary: Some of it.
  audience: You are in a hurry
  advice: Sleep.
  hours: 2
  weeks:
    - goal: All of it
      days:
        - {{goal: First, read: [{first}]}}
        - {{goal: Second, read: [{second}]}}
"""


def test_the_earlier_and_the_more_plans_read_a_topic_the_more_it_weighs(
    project: MiniProject,
) -> None:
    def weigh(*plans: str) -> dict[str, int]:
        project.write("docs/plans.yml", "".join(plans))
        return dict(weights(project.library()))

    first = weigh(PLANS.format(id="one", first="methods", second="caching"))
    assert first == {"methods": 100, "caching": 35}
    second = weigh(PLANS.format(id="one", first="caching", second=""))
    assert second == {"methods": 30, "caching": 70}, "others build on one of them"
    both = PLANS.format(id="one", first="caching", second="methods")
    third = weigh(both, PLANS.format(id="two", first="", second="methods"))
    assert third == {"methods": 65, "caching": 35}


def test_a_guide_without_plans_weighs_by_prerequisites(project: MiniProject) -> None:
    assert weights(project.library()) == {"methods": 30, "caching": 0}


def test_the_browser_gets_weights_and_what_practice_takes(project: MiniProject) -> None:
    study = json.loads(study_json(project.library()))

    assert [(each["slug"], each["weight"]) for each in study["topics"]] == [("methods", 30)]
    assert study["minutes"] == {"answer": 2, "again": 1, "design": 45}
