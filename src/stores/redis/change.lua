-- Applies the operations of a change to the record's data if each of them is plain. Whatever is not is left undecided: what
-- an operation means is not for this script to say.
-- KEYS: the record. ARGV: now, the limit of the data in octets, then four texts an operation.
local text = redis.call('GET', KEYS[1])
if not text then return {'gone'} end
local record = cjson.decode(text)
if math.min(tonumber(record[6]) + tonumber(record[7]), tonumber(record[8])) <= tonumber(ARGV[1]) then
  return {'gone'}
end

-- The data begins after eight facts: a key, its value, and so on. A removed pair leaves two holes that are closed at the end.
local first, last, place = 9, #record, {}
for i = first, last, 2 do place[record[i]] = i end

local function set(key, value)
  local i = place[key]
  if not i then
    i = last + 1
    last = last + 2
    place[key] = i
    record[i] = key
  end
  record[i + 1] = value
end

local function remove(key)
  local i = place[key]
  if i then
    place[key] = nil
    record[i], record[i + 1] = false, false
  end
end

-- Sums of numbers that a double holds exactly.
local function is_plain_number(digits)
  return #digits <= 15 and string.match(digits, '^%-?%d+$')
end

for i = 3, #ARGV, 4 do
  local name, key, value, new = ARGV[i], ARGV[i + 1], ARGV[i + 2], ARGV[i + 3]
  local held = place[key] and record[place[key] + 1]
  if name == 'set' then
    set(key, value)
  elseif name == 'remove' then
    remove(key)
  elseif name == 'add' then
    local before = held or '0'
    if not is_plain_number(before) or not is_plain_number(value) then return {'undecided', text} end
    set(key, string.format('%.0f', tonumber(before) + tonumber(value)))
  elseif name == 'compare-and-set' then
    -- Texts that differ may still mean the same.
    if (held or '') ~= value then return {'undecided', text} end
    if new == '' then remove(key) else set(key, new) end
  else
    return {'undecided', text}
  end
end

local kept, octets = {}, 0
for i = 1, last do
  -- A user may be null, which cjson writes as such; only a removed pair is false.
  if record[i] ~= false then kept[#kept + 1] = record[i] end
  if i >= first and record[i] then octets = octets + #record[i] end
end
-- JSON texts are longer than what they stand for: what fits like this fits.
if octets > tonumber(ARGV[2]) then return {'undecided', text} end
local after = cjson.encode(kept)
if after ~= text then redis.call('SET', KEYS[1], after, 'KEEPTTL') end
return {'applied', after}
