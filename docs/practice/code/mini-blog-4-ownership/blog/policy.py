"""Who may do what with a post. Who may see it, the queries decide: `VISIBLE`."""

from blog.posts import Post
from blog.problems import ProblemError


# --8<-- [start:show]
def may_change(post: Post, user_id: int) -> bool:
    """Its author, and nobody else; a post without an author belongs to nobody."""
    return post.author_id == user_id


def require_change(post: Post, user_id: int) -> None:
    """403 tells that the post exists: so only for posts that this user can see."""
    if not may_change(post, user_id):
        raise ProblemError(403, "not-yours", "Only its author may change a post")


# --8<-- [end:show]
