-- Puts a pointer to the successor in the place of a live record, and returns the record.
-- KEYS: the record. ARGV: now, or an empty text if the record may be expired; how every pointer starts; the pointer without
-- its last bracket; the time to keep it in milliseconds; 'yes' if it must contain the record.
local text = get(KEYS[1])
if not text then
  redis.call('DEL', KEYS[1]) -- fails on a server that has become a replica and may lack the record
  return false
end
if string.sub(text, 1, #ARGV[2]) == ARGV[2] then
  -- An earlier call may not have reached a replica, and WAIT waits only for the writes of its own connection.
  redis.call('SET', KEYS[1], text, 'KEEPTTL')
  return false
end
if ARGV[1] ~= '' then
  local is_readable, record = pcall(cjson.decode, text)
  if not is_readable or type(record) ~= 'table' or string.sub(tostring(record[1]) .. ':', 1, 2) ~= '1:' then return false end
  if math.min(tonumber(record[6]) + tonumber(record[7]), tonumber(record[8])) <= tonumber(ARGV[1]) then return false end
end
local pointer = ARGV[3]
if ARGV[5] == 'yes' then pointer = pointer .. ',"\\"record\\"",' .. cjson.encode(cjson.encode(text)) end
redis.call('SET', KEYS[1], pointer .. ']', 'PX', ARGV[4])
return text
