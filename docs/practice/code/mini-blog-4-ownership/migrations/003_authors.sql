-- --8<-- [start:show]
-- Posts from before have no author: nobody may change them for now.
ALTER TABLE posts ADD COLUMN author_id bigint REFERENCES users (id);
CREATE INDEX posts_by_author ON posts (author_id);

-- A draft has no date of publication. What exists today is no draft.
ALTER TABLE posts ADD COLUMN published_at timestamptz;
UPDATE posts SET published_at = created_at;
-- --8<-- [end:show]
