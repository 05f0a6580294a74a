-- Stands before the scripts that need it, whose ARGV[1] is the prefix of all keys.
-- What is remembered of an item by a digest is a small member of a hash that a few dozen others share: a key of its own
-- costs Redis a hundred bytes more than what it holds. A hash is chosen by the first 18 bits of the digest, its members
-- are named by the rest; so 30 million of a kind still lie in packed hashes of at most 128.
-- Redis before 7.4 forgets no single members, so each value begins with its time, and one new member in sixteen sweeps
-- its hash.
local SWEEPS = 16
local prefix = ARGV[1]

local function place(kind, digest)
  local first, second, third = string.byte(digest, 1, 3)
  local number = first * 1024 + (second or 0) * 4 + math.floor((third or 0) / 64)
  return string.format('%s%s:%05x', prefix, kind, number), string.sub(digest, 3)
end

local function get(kind, digest)
  local key, member = place(kind, digest)
  return redis.call('HGET', key, member)
end

local function put(kind, digest, value, life, is_over)
  local key, member = place(kind, digest)
  if redis.call('HSET', key, member, value) == 1 and string.byte(digest, -1) % SWEEPS == 0 then
    local all, over = redis.call('HGETALL', key), {}
    for i = 1, #all, 2 do
      if is_over(all[i + 1]) then over[#over + 1] = all[i] end
    end
    if #over > 0 then redis.call('HDEL', key, unpack(over)) end
  end
  redis.call('EXPIRE', key, life)
end

-- Records lie one behind the other in a stream, which packs them; elsewhere one is named by its place there.
local function record(ref)
  local ms, number = struct.unpack('>I6I2', ref)
  local id = string.format('%.0f-%d', ms, number)
  local entry = redis.call('XRANGE', prefix .. 'reports', id, id)[1]
  return entry and entry[2][2]
end

