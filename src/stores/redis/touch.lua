-- Notes that the session was used. KEYS: the record. ARGV: now, how long Redis keeps a record beyond its end, and how long at most.
local text = redis.call('GET', KEYS[1])
if not text then return false end
local record = cjson.decode(text)
local seen, idle, ends, now = tonumber(record[6]), tonumber(record[7]), tonumber(record[8]), tonumber(ARGV[1])
if math.min(seen + idle, ends) <= now then return false end
if now > seen then
  record[6], seen = ARGV[1], now
end
local remaining = math.min(math.min(seen + idle, ends) - now + tonumber(ARGV[2]), tonumber(ARGV[3]))
local after = cjson.encode(record)
redis.call('SET', KEYS[1], after, 'PX', string.format('%.0f', remaining))
return after
