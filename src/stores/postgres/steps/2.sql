-- The keys that a rotation or a login replaced in the last minute.
CREATE TABLE sessctl_successors (
    key bytea PRIMARY KEY,
    successor bytea NOT NULL,
    is_login boolean NOT NULL,
    since bigint NOT NULL -- in milliseconds since 1970
);
