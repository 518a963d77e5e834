CREATE TABLE sessctl_schema (version bigint NOT NULL); -- one row: the number of the last step that was taken

CREATE TABLE sessctl_sessions (
    key bytea PRIMARY KEY CHECK (octet_length(key) = 32), -- SHA-256 of the token
    handle uuid NOT NULL,
    username bytea,                                       -- UTF-8; NULL: nobody is logged in. A text cannot hold NUL
    credential bigint NOT NULL,                           -- version of the credentials at login; 0: none
    data text[] NOT NULL,                                 -- each key and its value in turn, as JSON
    created bigint NOT NULL,                              -- times in milliseconds since 1970
    seen bigint NOT NULL,
    idle bigint NOT NULL,                                 -- a length of time, in milliseconds
    ends bigint NOT NULL,
    expires bigint NOT NULL,                              -- the earlier of seen + idle and ends
    due bigint NOT NULL                                   -- when a sweep looks at it next, not after `expires`
) WITH (fillfactor = 80);                                 -- room for what touches and changes write, in the same page

-- Neither index holds a column that a touch or a change writes: those need no new index entries (HOT updates).
-- A name may be longer than an index entry can be.
CREATE INDEX sessctl_sessions_of_user ON sessctl_sessions (substring(username, 1, 64), created, handle)
    WHERE username IS NOT NULL;
CREATE INDEX sessctl_sessions_by_due ON sessctl_sessions (due);

-- Applies operations, four texts each, where what they mean is plain. Where it is not, nothing is changed and `applied` is
-- false: the caller decides. `data` is the data afterwards; NULL: there is no such session alive.
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
    -- Keys are looked for one after the other: long data and many operations are faster elsewhere.
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
                -- Of at most 18 digits each: the sum has 64 bits.
                IF value !~ '^(0|-?[1-9][0-9]{0,17})$' OR operations[o + 2] !~ '^-?[0-9]{1,18}$' THEN
                    applied := false;
                    EXIT;
                END IF;
                value := (value::bigint + operations[o + 2]::bigint)::text;
            WHEN 'compare-and-set' THEN
                -- Texts that differ may be JSON of the same value.
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
    -- Keys count without their quotes and escapes: near the limit the caller counts.
    IF NOT applied OR octet_length(array_to_string(texts, '')) > 65536 THEN
        applied := false;
        data := found_data;
        RETURN;
    END IF;
    UPDATE sessctl_sessions s SET data = texts WHERE s.key = wanted;
    data := texts;
END
$$;
