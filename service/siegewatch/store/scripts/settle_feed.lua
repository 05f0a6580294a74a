-- Ends the claim of a feed. KEYS: due zset, claims hash, feed -> lane hash, busy lanes zset, feed state. ARGV: feed,
-- token, due ms, ms when its lane is free again, state, life s; without the last two the state stays as it was.
-- Returns 1, or 0 where the claim ran out and another worker holds it now.
if redis.call('HGET', KEYS[2], ARGV[1]) ~= ARGV[2] then return 0 end
redis.call('HDEL', KEYS[2], ARGV[1])
redis.call('ZADD', KEYS[1], 'XX', ARGV[3], ARGV[1])
local lane = redis.call('HGET', KEYS[3], ARGV[1])
if lane then redis.call('ZADD', KEYS[4], ARGV[4], lane) end
if ARGV[5] then redis.call('SET', KEYS[5], ARGV[5], 'EX', ARGV[6]) end
return 1
