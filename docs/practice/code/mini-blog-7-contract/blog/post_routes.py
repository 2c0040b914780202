"""The posts resource over HTTP."""

from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Header, Query, Response

from blog.cache import PostCache
from blog.conditions import changed_meanwhile, etag, is_known, require_match
from blog.cursors import Cursors, InvalidCursorError, Position
from blog.identity import Identity
from blog.policy import require_change
from blog.post_schemas import NewPost, PostContent, PostPage, PostView
from blog.posts import Post, PostStore, SlugTakenError
from blog.problems import ProblemError

IfMatch = Annotated[str | None, Header()]
IfNoneMatch = Annotated[str | None, Header()]
Limit = Annotated[int, Query(ge=1, le=100)]
Author = Annotated[str | None, Query(pattern=r"^[a-z0-9_]{3,30}$")]
Cursor = Annotated[str | None, Query(max_length=300)]


def view(post: Post, response: Response) -> PostView:
    response.headers["ETag"] = etag(post.version)
    return PostView.model_validate(post)


def post_routes(
    posts: PostStore, cache: PostCache, cursors: Cursors, identity: Identity
) -> APIRouter:
    router = APIRouter(prefix="/posts", tags=["posts"])
    required, optional = Depends(identity.required), Depends(identity.optional)

    async def existing(slug: str, viewer_id: int | None) -> Post:
        post = await posts.find(slug, viewer_id)
        if post is None:
            raise ProblemError(404, "no-such-post", "There is no such post")
        return post

    @router.post("", status_code=201)
    async def create_post(
        new: NewPost, response: Response, user_id: Annotated[int, required]
    ) -> PostView:
        try:
            post = await posts.add(new.slug, new.content(), user_id)
        except SlugTakenError as error:
            raise ProblemError(409, "slug-taken", "This slug is taken") from error
        response.headers["Location"] = f"/posts/{post.slug}"
        return view(post, response)

    @router.get("")
    async def list_posts(
        response: Response,
        limit: Limit = 20,
        author: Author = None,
        cursor: Cursor = None,
    ) -> PostPage:
        try:
            after = cursors.decode(cursor, author) if cursor else Position.before_all()
        except InvalidCursorError as error:
            raise ProblemError(
                400, "invalid-cursor", "Begin again without a cursor"
            ) from error
        found, last = await posts.page(limit, after, author)
        following = cursors.encode(last, author) if last else None
        if following:
            more = {"limit": limit, "author": author, "cursor": following}
            query = urlencode({name: each for name, each in more.items() if each})
            response.headers["Link"] = f'</posts?{query}>; rel="next"'
        items = [PostView.model_validate(post) for post in found]
        return PostPage(items=items, next=following)

    # --8<-- [start:show]
    # A token is optional here: the list of alternatives has an empty one.
    @router.get("/{slug}", response_model=PostView, openapi_extra={"security": [{}]})
    async def read_post(
        slug: str,
        response: Response,
        viewer_id: Annotated[int | None, optional],
        if_none_match: IfNoneMatch = None,
    ) -> PostView | Response:
        post = await cache.get_or_load(slug, lambda: posts.find(slug, None))
        if post is None:  # a draft, for its author: never from the cache
            post = await existing(slug, viewer_id)
        if is_known(if_none_match, etag(post.version)):
            return Response(status_code=304, headers={"ETag": etag(post.version)})
        return view(post, response)

    @router.put("/{slug}")
    async def replace_post(
        slug: str,
        content: PostContent,
        response: Response,
        user_id: Annotated[int, required],  # 401
        if_match: IfMatch = None,
    ) -> PostView:
        post = await existing(slug, user_id)  # 404
        require_change(post, user_id)  # 403
        require_match(if_match, etag(post.version))  # 428, 412
        changed = await posts.replace(post, content.content(), user_id)
        if changed is None:
            raise changed_meanwhile()
        await cache.invalidate(slug)
        return view(changed, response)

    # --8<-- [end:show]

    @router.delete("/{slug}", status_code=204)
    async def delete_post(
        slug: str, user_id: Annotated[int, required], if_match: IfMatch = None
    ) -> None:
        post = await existing(slug, user_id)
        require_change(post, user_id)
        require_match(if_match, etag(post.version))
        if not await posts.remove(post, user_id):
            raise changed_meanwhile()
        await cache.invalidate(slug)

    return router
