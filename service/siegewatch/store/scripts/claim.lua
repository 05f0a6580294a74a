-- Claims what is due. KEYS: due zset, claims hash. ARGV: now ms, lease ms, limit, token.
-- A claim moves the due time behind the lease, so that a worker that dies is followed by another.
local due = redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', ARGV[1], 'LIMIT', 0, ARGV[3])
for _, member in ipairs(due) do
  redis.call('ZADD', KEYS[1], 'XX', ARGV[1] + ARGV[2], member)
  redis.call('HSET', KEYS[2], member, ARGV[4])
end
return due
