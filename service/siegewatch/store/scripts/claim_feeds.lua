-- Claims feeds that are due, one of each lane at a time. KEYS: due zset, claims hash, feed -> lane hash, busy lanes zset,
-- last turns zset. ARGV: now ms, lease ms, limit, token, ms between two turns of a lane.
-- A claim moves the due time behind the lease, so that a worker that dies is followed by another. A feed whose lane is
-- busy gets a turn behind all others of its lane, so that it stands in nobody's way.
local now, lease, limit, gap = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[5])
redis.call('ZREMRANGEBYSCORE', KEYS[4], '-inf', now)
redis.call('ZREMRANGEBYSCORE', KEYS[5], '-inf', now)
local taken = {}
for _, feed in ipairs(redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', now, 'LIMIT', 0, limit * 4)) do
  if #taken == limit then break end
  local lane = redis.call('HGET', KEYS[3], feed)
  if lane and redis.call('ZSCORE', KEYS[4], lane) then
    local turn = (tonumber(redis.call('ZSCORE', KEYS[5], lane) or now)) + gap
    redis.call('ZADD', KEYS[1], 'XX', turn, feed)
    redis.call('ZADD', KEYS[5], turn, lane)
  else
    redis.call('ZADD', KEYS[1], 'XX', now + lease, feed)
    redis.call('HSET', KEYS[2], feed, ARGV[4])
    if lane then redis.call('ZADD', KEYS[4], now + lease, lane) end
    taken[#taken + 1] = feed
  end
end
return taken
