"""The settings of the service under check."""

from typing import Any

from blog.settings import Settings

DEFAULTS = {
    "stage": "development",
    "pool_wait": 5,  # the machine that runs checks may be busy
    "signing_keys": '{"k1": "sample key one, in service random bytes"}',
    "signing_key": "k1",
    # A hundredth of the real work, so that checks are quick.
    "argon2_kib": 256,
    "argon2_passes": 1,
    "cursor_key": "sample key for cursors, 32 bytes or more",
}


def settings(**changes: Any) -> Settings:
    return Settings.model_validate({**DEFAULTS, **changes})
