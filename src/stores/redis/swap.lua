-- Replaces the record if it is unchanged. KEYS: the record. ARGV: the record as it was read, the new record.
local text = get(KEYS[1])
if not text then
  -- Deletes nothing, but fails on a server that has become a replica and may lack the record.
  redis.call('DEL', KEYS[1])
  return {'gone'}
end
if text ~= ARGV[1] then return {'differs', text} end
redis.call('SET', KEYS[1], ARGV[2], 'KEEPTTL')
return {'applied', ARGV[2]}
