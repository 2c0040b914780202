"""The settings of the service under check."""

import os
import secrets
from typing import Any

from blog.settings import Settings

REDIS_URL = os.environ.get("REDIS_URL") or f"unix://{os.environ['REDIS_SOCKET']}"

DEFAULTS = {
    "stage": "development",
    "pool_wait": 5,  # the machine that runs checks may be busy
    "redis_url": REDIS_URL,
    "redis_wait": 5,
    "signing_keys": '{"k1": "sample key one, in service random bytes"}',
    "signing_key": "k1",
    "cursor_key": "sample key for cursors, 32 bytes or more",
    # A hundredth of the real work, so that checks are quick.
    "argon2_kib": 256,
    "argon2_passes": 1,
}


def settings(**changes: Any) -> Settings:
    # Keys of their own for each service, which expire by themselves.
    own = {"cache_prefix": f"check-{secrets.token_hex(8)}"}
    return Settings.model_validate({**DEFAULTS, **own, **changes})
