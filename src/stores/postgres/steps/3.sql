-- What a login chose, as bits. Servers of earlier versions do not write it.
ALTER TABLE sessctl_sessions ADD COLUMN options bigint NOT NULL DEFAULT 0;
