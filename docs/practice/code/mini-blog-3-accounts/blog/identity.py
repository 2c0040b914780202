"""Who sends this request: the dependency that guards routes."""

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
        if credentials is None:
            raise unauthorized("Bearer", "no-token", "Send an access token")
        try:
            return self._tokens.user_id(credentials.credentials)
        except InvalidTokenError as error:
            challenge = 'Bearer error="invalid_token"'
            raise unauthorized(
                challenge, "invalid-token", "The access token is not valid"
            ) from error


def unauthorized(challenge: str, kind: str, title: str) -> ProblemError:
    return ProblemError(401, kind, title, headers={"WWW-Authenticate": challenge})
