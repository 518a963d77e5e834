-- The start of each script. The value of a key that is not a string is an empty text: a record that cannot be read.
local function get(key)
  local value = redis.pcall('GET', key)
  if type(value) ~= 'table' then return value end
  if string.find(value.err, 'WRONGTYPE', 1, true) then return '' end
  return redis.call('GET', key) -- fails as before
end

