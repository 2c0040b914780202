"""What the environment says about this process: read once, refused if wrong."""

from collections.abc import Mapping
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, SecretStr

Seconds = Annotated[float, Field(gt=0)]


class Settings(BaseModel):
    # An error names the setting and never shows its value, which may be a secret.
    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)

    stage: Literal["development", "production"]
    revision: str = "unknown"
    database_url: SecretStr
    pool_size: Annotated[int, Field(ge=1)] = 5
    pool_wait: Seconds = 1

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
