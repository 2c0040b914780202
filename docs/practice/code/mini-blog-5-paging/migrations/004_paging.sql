-- --8<-- [start:show]
-- Each list in its own order, so that a page is a range of the index.
-- This locks writers out; for a large table there is CONCURRENTLY.
CREATE INDEX posts_by_time ON posts (published_at, id)
    WHERE published_at IS NOT NULL;
CREATE INDEX posts_by_author_and_time ON posts (author_id, published_at, id)
    WHERE published_at IS NOT NULL;
-- --8<-- [end:show]
