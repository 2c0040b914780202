"""Who sends this request: the dependencies that guard routes."""

from typing import Annotated

from fastapi import Depends
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from blog.problems import ProblemError
from blog.tokens import AccessTokens, InvalidTokenError

_bearer = HTTPBearer(auto_error=False, bearerFormat="JWT", scheme_name="accessToken")
Credentials = Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)]


class Identity:
    """Reads the bearer token of a request."""

    def __init__(self, tokens: AccessTokens) -> None:
        self._tokens = tokens

    def required(self, credentials: Credentials) -> int:
        """The user's id, or 401."""
        user_id = self.optional(credentials)
        if user_id is None:
            raise unauthorized("Bearer", "no-token", "Send an access token")
        return user_id

    def optional(self, credentials: Credentials) -> int | None:
        """The user's id, None without a token; a bad token is 401 here, too."""
        if credentials is None:
            return None
        try:
            return self._tokens.user_id(credentials.credentials)
        except InvalidTokenError as error:
            challenge = 'Bearer error="invalid_token"'
            raise unauthorized(
                challenge, "invalid-token", "The access token is not valid"
            ) from error


def unauthorized(challenge: str, kind: str, title: str) -> ProblemError:
    return ProblemError(401, kind, title, headers={"WWW-Authenticate": challenge})
