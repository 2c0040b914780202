"""Registering, signing in, and staying signed in."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response

from blog.account_schemas import NewUser, Refresh, SignIn, TokenPair, UserView
from blog.accounts import AccountStore, InvalidRefreshError, NameTakenError
from blog.identity import Identity, unauthorized
from blog.passwords import Passwords
from blog.problems import ProblemError
from blog.sign_in_limit import SignInLimit
from blog.tokens import LIFETIME, AccessTokens


def account_routes(
    accounts: AccountStore,
    passwords: Passwords,
    tokens: AccessTokens,
    identity: Identity,
    limit: SignInLimit,
) -> APIRouter:
    router = APIRouter(tags=["accounts"])

    def pair(user_id: int, refresh_token: str, response: Response) -> TokenPair:
        response.headers["Cache-Control"] = "no-store"
        return TokenPair(
            access_token=tokens.issue(user_id),
            expires_in=int(LIFETIME.total_seconds()),
            refresh_token=refresh_token,
        )

    @router.post("/users", status_code=201)
    async def register(new: NewUser) -> UserView:
        hashed = await passwords.hash(new.password.get_secret_value())
        try:
            user = await accounts.add(new.name, hashed)
        except NameTakenError as error:
            # Names are public here. With e-mail addresses, answer alike and send mail.
            raise ProblemError(409, "name-taken", "This name is taken") from error
        return UserView.model_validate(user)

    # --8<-- [start:show]
    @router.post("/tokens")
    async def sign_in(given: SignIn, request: Request, response: Response) -> TokenPair:
        address = request.client.host if request.client else "unknown"
        wait = await limit.seconds_to_wait(given.name, address)
        if wait:
            raise ProblemError(
                429,
                "too-many-attempts",
                "Too many attempts",
                headers={"Retry-After": str(wait)},
            )
        user = await accounts.named(given.name)
        stored = user.password_hash if user else None
        right = await passwords.is_right(given.password.get_secret_value(), stored)
        if user is None or not right:
            raise unauthorized("Bearer", "sign-in-failed", "Wrong name or password")
        return pair(user.id, await accounts.open_session(user.id), response)

    @router.post("/tokens/refresh")
    async def refresh(given: Refresh, response: Response) -> TokenPair:
        try:
            rotated = await accounts.rotate(given.refresh_token.get_secret_value())
        except InvalidRefreshError as error:
            raise unauthorized("Bearer", "sign-in-again", "Sign in again") from error
        return pair(*rotated, response)

    # --8<-- [end:show]

    @router.get("/users/me")
    async def read_me(user_id: Annotated[int, Depends(identity.required)]) -> UserView:
        user = await accounts.with_id(user_id)
        if user is None:
            raise unauthorized("Bearer", "no-such-user", "This account is gone")
        return UserView.model_validate(user)

    return router
