-- Records that the session was used.
-- KEYS: the record. ARGV: now, how long Redis keeps a record after its expiry, and the longest time to keep any key.
local text = get(KEYS[1])
if not text then
  -- Deletes nothing, but fails on a server that has become a replica and may lack the record.
  redis.call('DEL', KEYS[1])
  return false
end
-- A record that this version cannot read counts as no session, and is left for a newer version.
local is_json, record = pcall(cjson.decode, text)
if not is_json or type(record) ~= 'table' or string.sub(tostring(record[1]) .. ':', 1, 2) ~= '1:' then return false end
local last_seen, idle_timeout, absolute_expiry = tonumber(record[6]), tonumber(record[7]), tonumber(record[8])
local now = tonumber(ARGV[1])
if math.min(last_seen + idle_timeout, absolute_expiry) <= now then return false end
if now > last_seen then
  record[6], last_seen = ARGV[1], now
end
local margin = math.min(idle_timeout, tonumber(ARGV[2]))
local remaining = math.min(math.min(last_seen + idle_timeout, absolute_expiry) - now + margin, tonumber(ARGV[3]))
local after = cjson.encode(record)
redis.call('SET', KEYS[1], after, 'PX', string.format('%.0f', remaining))
return after
