-- Claims the delivery of one channel that is due longest; one at a time, so that they go out in their order.
-- KEYS: queue of the channel, claims, unsure deliveries, standing, what waits to be gathered. ARGV: now ms, lease ms,
--   token, prefix of deliveries, prefix of the channel's lines, 1 to ask though the channel is to be left alone, how many
--   may wait ('' for any) and since when ms without a look at whether to tell them together, prefixes of what is told.
-- A claim moves the due time behind the lease, so that a worker that dies is followed by another. What it had sent
-- nobody knows. A delivery that has another before it in one of its lines is due when that one is.
-- Returns the id, the delivery, the standing, what it tells and under which prefix (from 1; 0 for none), each '' where
-- there is none; nothing where nothing is to be sent; 'look' alone where a look is needed.
local now = tonumber(ARGV[1])
for _, member in ipairs(redis.call('HKEYS', KEYS[2])) do
  local until_ms = redis.call('ZSCORE', KEYS[1], member)
  if until_ms and tonumber(until_ms) > now then return {} end
  redis.call('HDEL', KEYS[2], member)
  redis.call('SADD', KEYS[3], member)
end
if ARGV[6] ~= '1' and tonumber(redis.call('HGET', KEYS[4], 'opens_at') or 0) > now then return {} end
if ARGV[7] ~= '' and (redis.call('ZCOUNT', KEYS[5], '-inf', now) > 0
  or redis.call('ZCARD', KEYS[1]) > tonumber(ARGV[7])
  or redis.call('ZCOUNT', KEYS[1], '-inf', ARGV[8]) > 0) then return {'look'} end

local function before(delivery, member)
  for _, name in ipairs(delivery and delivery.lines or {}) do
    local line = ARGV[5] .. name
    local head = redis.call('LINDEX', line, 0)
    while head and head ~= member do
      local due = redis.call('ZSCORE', KEYS[1], head)
      if due then return tonumber(due) end
      redis.call('LPOP', line)
      head = redis.call('LINDEX', line, 0)
    end
  end
  return nil
end

local function told(delivery)
  for place = 9, delivery and #ARGV or 0 do
    local raw = redis.call('GET', ARGV[place] .. delivery.alert)
    if raw then return raw, place - 8 end
  end
  return '', 0
end

while true do
  local member = redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', now, 'LIMIT', 0, 1)[1]
  if not member then return {} end
  local raw = redis.call('GET', ARGV[4] .. member)
  local delivery = raw and cjson.decode(raw)
  local due = before(delivery, member)
  if not due then
    redis.call('ZADD', KEYS[1], 'XX', now + ARGV[2], member)
    redis.call('HSET', KEYS[2], member, ARGV[3])
    return {member, raw or '', redis.call('HGET', KEYS[4], 'state') or '', told(delivery)}
  end
  redis.call('ZADD', KEYS[1], 'XX', string.format('%.6f', math.max(due, tonumber(redis.call('ZSCORE', KEYS[1], member))) + 0.001), member)
end
