-- --8<-- [start:show]
CREATE TABLE posts (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    slug       text NOT NULL,
    title      text NOT NULL CHECK (length(title) BETWEEN 1 AND 200),
    body       text NOT NULL CHECK (length(body) BETWEEN 1 AND 20000),
    version    integer NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT posts_slug_unique UNIQUE (slug),
    CONSTRAINT posts_slug_form CHECK (slug ~ '^[a-z0-9]+(-[a-z0-9]+)*$')
);
-- --8<-- [end:show]
