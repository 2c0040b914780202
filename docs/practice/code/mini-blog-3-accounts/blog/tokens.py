"""Access tokens: signed, short-lived, for this API only."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta

import jwt
from pydantic import SecretStr

ISSUER = "https://blog.test"
AUDIENCE = "https://blog.test/api"
LIFETIME = timedelta(minutes=10)
CLAIMS = ["iss", "aud", "sub", "iat", "exp"]


def now() -> datetime:
    return datetime.now(UTC)


class InvalidTokenError(Exception):
    """Why stays here: an attacker learns nothing from it."""


# --8<-- [start:show]
class AccessTokens:
    def __init__(
        self,
        keys: Mapping[str, SecretStr],
        current: str,
        clock: Callable[[], datetime] = now,
    ) -> None:
        self._keys, self._current, self._clock = keys, current, clock

    def issue(self, user_id: int) -> str:
        issued = self._clock()
        claims = {"iss": ISSUER, "aud": AUDIENCE, "sub": str(user_id)}
        return jwt.encode(
            {**claims, "iat": issued, "exp": issued + LIFETIME},
            self._keys[self._current].get_secret_value(),
            algorithm="HS256",
            headers={"kid": self._current},
        )

    def user_id(self, token: str) -> int:
        """The user whom the token names; raise InvalidTokenError for any other."""
        try:
            # The header only chooses among our own keys, and never the algorithm.
            kid = jwt.get_unverified_header(token).get("kid", "")
            claims = jwt.decode(
                token,
                self._keys[kid].get_secret_value(),
                algorithms=["HS256"],
                issuer=ISSUER,
                audience=AUDIENCE,
                options={"require": CLAIMS},
            )
            return int(claims["sub"])
        except (jwt.InvalidTokenError, KeyError, ValueError) as error:
            raise InvalidTokenError from error


# --8<-- [end:show]
