-- Deletes the record and returns it. KEYS: the record. ARGV: 'yes' if the caller waits for a replica; how every pointer
-- starts.
local text = get(KEYS[1])
if text and string.sub(text, 1, #ARGV[2]) == ARGV[2] then
  -- An earlier call may not have reached a replica.
  redis.call('SET', KEYS[1], text, 'KEEPTTL')
  return false
elseif text or ARGV[1] ~= 'yes' then
  -- Without a record it deletes nothing, but fails on a server that has become a replica and may lack the record.
  redis.call('DEL', KEYS[1])
else
  -- An earlier deletion may not have reached a replica. WAIT waits only for the writes of its own connection, so this
  -- connection must write something. Other clients never see this value, because scripts are atomic.
  redis.call('SET', KEYS[1], '', 'PX', 1000)
  redis.call('DEL', KEYS[1])
end
return text
