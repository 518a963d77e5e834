-- Deletes the record if it is unchanged. KEYS: the record. ARGV: the record as it was written.
if get(KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end
return 0
