-- Ends the claim of a feed. KEYS: due zset, claims hash, feed state. ARGV: feed, token, due ms, state, life s.
-- Returns 1, or 0 where the claim ran out and another worker holds it now.
if redis.call('HGET', KEYS[2], ARGV[1]) ~= ARGV[2] then return 0 end
redis.call('HDEL', KEYS[2], ARGV[1])
redis.call('ZADD', KEYS[1], 'XX', ARGV[3], ARGV[1])
redis.call('SET', KEYS[3], ARGV[4], 'EX', ARGV[5])
return 1
