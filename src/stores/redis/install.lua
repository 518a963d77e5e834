-- Writes a record that moves to this key, unless that has already happened. Returns whether it wrote the record.
-- KEYS: the record. ARGV: the placeholder, the record, the time to keep it in milliseconds.
local text = get(KEYS[1])
if not text then redis.call('DEL', KEYS[1]) end -- fails on a server that has become a replica
if text ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3])
return 1
