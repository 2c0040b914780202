"""What the environment says about this process: read once, refused if wrong."""

from collections.abc import Mapping
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, Json, SecretStr, model_validator

Seconds = Annotated[float, Field(gt=0)]
Key = Annotated[SecretStr, Field(min_length=32)]


class Settings(BaseModel):
    # An error names the setting and never shows its value, which may be a secret.
    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)

    stage: Literal["development", "production"]
    revision: str = "unknown"
    database_url: SecretStr
    pool_size: Annotated[int, Field(ge=1)] = 5
    pool_wait: Seconds = 1
    redis_url: SecretStr
    redis_wait: Seconds = 0.1
    cache_prefix: str = "blog"
    cache_seconds: Annotated[int, Field(ge=1)] = 60
    signing_keys: Json[dict[str, Key]]
    signing_key: str
    cursor_key: Key
    argon2_kib: Annotated[int, Field(ge=8)] = 19_456
    argon2_passes: Annotated[int, Field(ge=1)] = 2

    @model_validator(mode="after")
    def _has_its_signing_key(self) -> Self:
        if self.signing_key not in self.signing_keys:
            raise ValueError("SIGNING_KEY names none of SIGNING_KEYS")
        return self

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> Self:
        """Read STAGE, DATABASE_URL and so on; raise ValidationError with all faults."""
        names = {name: name.upper() for name in cls.model_fields}
        return cls.model_validate(
            {
                name: environment[key]
                for name, key in names.items()
                if key in environment
            }
        )
