-- Applies the operations of a change to the record's data if each of them is simple. Otherwise it changes nothing and
-- returns the record as 'undecided': the caller then applies the change.
-- KEYS: the record. ARGV: now, the size limit of the data in bytes, then four texts per operation.
local text = get(KEYS[1])
if not text then
  -- Deletes nothing, but fails on a server that has become a replica and may lack the record.
  redis.call('DEL', KEYS[1])
  return {'gone'}
end
-- A record that this version cannot read counts as no session, and is left for a newer version.
local is_json, record = pcall(cjson.decode, text)
if not is_json or type(record) ~= 'table' or string.sub(tostring(record[1]) .. ':', 1, 2) ~= '1:' then return {'gone'} end
if math.min(tonumber(record[6]) + tonumber(record[7]), tonumber(record[8])) <= tonumber(ARGV[1]) then
  return {'gone'}
end

-- The data starts after eight fields: a key, its value, and so on. A removed pair becomes false, and is dropped at the end.
local first, last, position = 9, #record, {}
for i = first, last, 2 do position[record[i]] = i end

local function set(key, value)
  local i = position[key]
  if not i then
    i = last + 1
    last = last + 2
    position[key] = i
    record[i] = key
  end
  record[i + 1] = value
end

local function remove(key)
  local i = position[key]
  if i then
    position[key] = nil
    record[i], record[i + 1] = false, false
  end
end

-- The sum of two such numbers is exact in a double.
local function is_short_integer(digits)
  return #digits <= 15 and string.match(digits, '^%-?%d+$')
end

for i = 3, #ARGV, 4 do
  local name, key, value, new = ARGV[i], ARGV[i + 1], ARGV[i + 2], ARGV[i + 3]
  local current = position[key] and record[position[key] + 1]
  if name == 'set' then
    set(key, value)
  elseif name == 'remove' then
    remove(key)
  elseif name == 'add' then
    local before = current or '0'
    if not is_short_integer(before) or not is_short_integer(value) then return {'undecided', text} end
    set(key, string.format('%.0f', tonumber(before) + tonumber(value)))
  elseif name == 'compare-and-set' then
    -- Different JSON texts may have equal values.
    if (current or '') ~= value then return {'undecided', text} end
    if new == '' then remove(key) else set(key, new) end
  else
    return {'undecided', text}
  end
end

local kept, size = {}, 0
for i = 1, last do
  -- A missing user is cjson.null, so only a removed pair is false.
  if record[i] ~= false then kept[#kept + 1] = record[i] end
  if i >= first and record[i] then size = size + #record[i] end
end
-- A JSON text is never shorter than its value, so data within the limit here is within the real limit.
if size > tonumber(ARGV[2]) then return {'undecided', text} end
local after = cjson.encode(kept)
if after ~= text then redis.call('SET', KEYS[1], after, 'KEEPTTL') end
return {'applied', after}
