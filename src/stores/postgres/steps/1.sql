CREATE TABLE sessctl_schema (version bigint NOT NULL); -- one row: the number of the last migration step

CREATE TABLE sessctl_sessions (
    key bytea PRIMARY KEY CHECK (octet_length(key) = 32), -- SHA-256 of the token
    handle uuid NOT NULL,
    username bytea,                                       -- UTF-8, NULL if anonymous; not text, which cannot contain NUL
    credential bigint NOT NULL,                           -- version of the credentials at login, or 0
    data text[] NOT NULL,                                 -- keys and values in turn, each as JSON
    created bigint NOT NULL,                              -- times in milliseconds since 1970
    seen bigint NOT NULL,
    idle bigint NOT NULL,                                 -- idle timeout in milliseconds
    ends bigint NOT NULL,
    expires bigint NOT NULL,                              -- the earlier of seen + idle and ends
    due bigint NOT NULL                                   -- when the next sweep looks at the row, at the latest at `expires`
) WITH (fillfactor = 80);                                 -- free space, so that updates stay in the same page

-- No index contains a column that a touch or a change writes, so these need no new index entries (HOT updates).
-- A user name can be longer than an index entry, so the index contains only its start.
CREATE INDEX sessctl_sessions_of_user ON sessctl_sessions (substring(username, 1, 64), created, handle)
    WHERE username IS NOT NULL;
CREATE INDEX sessctl_sessions_by_due ON sessctl_sessions (due);

-- Applies operations of four texts each if all of them are simple. Otherwise it changes nothing and sets `applied` to false:
-- the caller then applies the change. `data` is the resulting data, or NULL if there is no live session.
CREATE FUNCTION sessctl_change(wanted bytea, operations text[], moment bigint, OUT applied boolean, OUT data text[])
LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
    found_data text[];
    texts text[];
    place integer;
    value text;
BEGIN
    SELECT s.data INTO found_data FROM sessctl_sessions s
        WHERE s.key = wanted AND s.expires > moment FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        RETURN;
    END IF;
    texts := found_data;
    applied := false;
    -- The search for keys is linear: for much data and many operations, the caller is faster.
    IF cardinality(operations)::bigint * cardinality(texts) <= 100000 THEN
        applied := true;
        FOR o IN 1 .. cardinality(operations) BY 4 LOOP
            place := 0;
            FOR i IN 1 .. cardinality(texts) BY 2 LOOP
                IF texts[i] = operations[o + 1] THEN
                    place := i;
                    EXIT;
                END IF;
            END LOOP;
            CASE operations[o]
            WHEN 'set' THEN
                value := operations[o + 2];
            WHEN 'remove' THEN
                value := '';
            WHEN 'add' THEN
                value := CASE WHEN place = 0 THEN '0' ELSE texts[place + 1] END;
                -- With at most 18 digits each, the sum fits into 64 bits.
                IF value !~ '^(0|-?[1-9][0-9]{0,17})$' OR operations[o + 2] !~ '^-?[0-9]{1,18}$' THEN
                    applied := false;
                    EXIT;
                END IF;
                value := (value::bigint + operations[o + 2]::bigint)::text;
            WHEN 'compare-and-set' THEN
                -- Different JSON texts may have equal values.
                IF operations[o + 2] <> (CASE WHEN place = 0 THEN '' ELSE texts[place + 1] END) THEN
                    applied := false;
                    EXIT;
                END IF;
                value := operations[o + 3];
            ELSE
                applied := false;
                EXIT;
            END CASE;
            IF value = '' THEN
                IF place > 0 THEN
                    texts := texts[: place - 1] || texts[place + 2 :];
                END IF;
            ELSIF place > 0 THEN
                texts[place + 1] := value;
            ELSE
                place := cardinality(texts) + 1;
                texts[place] := operations[o + 1];
                texts[place + 1] := value;
            END IF;
        END LOOP;
    END IF;
    -- The size limit counts keys without quotes and escapes. Near the limit, the caller decides.
    IF NOT applied OR octet_length(array_to_string(texts, '')) > 65536 THEN
        applied := false;
        data := found_data;
        RETURN;
    END IF;
    UPDATE sessctl_sessions s SET data = texts WHERE s.key = wanted;
    data := texts;
END
$$;
