-- Removes the record if it is still just what was written. KEYS: the record. ARGV: what was written.
if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end
return 0
