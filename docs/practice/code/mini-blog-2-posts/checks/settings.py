"""The settings of the service under check."""

from typing import Any

from blog.settings import Settings

DEFAULTS = {
    "stage": "development",
    "pool_wait": 5,  # the machine that runs checks may be busy
}


def settings(**changes: Any) -> Settings:
    return Settings.model_validate({**DEFAULTS, **changes})
