-- Enters a session into the index of its user, which Redis keeps for as long as the longest of them may live.
-- KEYS: the index. ARGV: the entry, for how long to keep it.
redis.call('ZADD', KEYS[1], 0, ARGV[1])
if redis.call('PTTL', KEYS[1]) < tonumber(ARGV[2]) then redis.call('PEXPIRE', KEYS[1], ARGV[2]) end
