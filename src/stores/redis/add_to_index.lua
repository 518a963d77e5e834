-- Adds a session to the index of its user, and keeps the index at least as long as the session.
-- KEYS: the index. ARGV: the entry, the time to keep it in milliseconds.
redis.call('ZADD', KEYS[1], 0, ARGV[1])
if redis.call('PTTL', KEYS[1]) < tonumber(ARGV[2]) then redis.call('PEXPIRE', KEYS[1], ARGV[2]) end
