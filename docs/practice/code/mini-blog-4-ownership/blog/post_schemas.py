"""Posts as clients send and see them."""

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict, StringConstraints

from blog.posts import Content
from blog.text import STORABLE

Slug = Annotated[
    str, StringConstraints(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=80)
]
Title = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=200),
    STORABLE,
]
Body = Annotated[str, StringConstraints(min_length=1, max_length=20_000), STORABLE]


class PostContent(BaseModel):
    """What PUT replaces. An unknown field is a mistake, so it is refused."""

    model_config = ConfigDict(extra="forbid")

    title: Title
    body: Body
    draft: bool = False

    def content(self) -> Content:
        return Content(self.title, self.body, self.draft)


class NewPost(PostContent):
    slug: Slug


class PostView(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    slug: str
    title: str
    body: str
    author: str | None
    published_at: datetime | None
    created_at: datetime
    updated_at: datetime


class PostPage(BaseModel):
    items: list[PostView]
