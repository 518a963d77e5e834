-- Removes the record and answers it. KEYS: the record. ARGV: whether replicas are waited for.
local text = redis.call('GET', KEYS[1])
if text then
  redis.call('DEL', KEYS[1])
elseif ARGV[1] == 'yes' then
  -- A removal before this one may not have reached a replica. WAIT asks for writes of this connection alone, so it needs one
  -- that comes after; nobody sees it.
  redis.call('SET', KEYS[1], '', 'PX', 1000)
  redis.call('DEL', KEYS[1])
end
return text
