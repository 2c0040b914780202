"""Accounts and tokens as clients send and see them."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr, StringConstraints

from blog.text import STORABLE

Name = Annotated[str, StringConstraints(pattern=r"^[a-z0-9_]{3,30}$")]
# At least 15 where it is the only factor (NIST SP 800-63B-4); the upper end keeps
# megabytes away from the hash.
Password = Annotated[SecretStr, Field(min_length=15, max_length=200)]


class _Input(BaseModel):
    model_config = ConfigDict(extra="forbid")


class NewUser(_Input):
    name: Name
    password: Password


class SignIn(_Input):
    # Not `Name` and `Password`: what could not be registered is merely wrong here.
    name: Annotated[str, StringConstraints(max_length=200), STORABLE]
    password: Annotated[SecretStr, Field(max_length=200)]


class Refresh(_Input):
    refresh_token: Annotated[SecretStr, Field(max_length=200)]


class UserView(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    name: str


class TokenPair(BaseModel):
    access_token: str
    token_type: Literal["Bearer"] = "Bearer"
    expires_in: int
    refresh_token: str
