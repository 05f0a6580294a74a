-- Ends the claim of a delivery. KEYS: queue of the channel, claims, delivery, listing of dead letters.
-- ARGV: delivery id, token, state, due ms ('' where it is over), dead (1 or 0), now ms, newest kept, life s.
-- Returns 1, or 0 where the claim ran out and another worker holds it now.
if redis.call('HGET', KEYS[2], ARGV[1]) ~= ARGV[2] then return 0 end
redis.call('HDEL', KEYS[2], ARGV[1])
if ARGV[4] ~= '' then
  redis.call('SET', KEYS[3], ARGV[3])
  redis.call('ZADD', KEYS[1], 'XX', ARGV[4], ARGV[1])
  return 1
end
redis.call('SET', KEYS[3], ARGV[3], 'EX', ARGV[8])
redis.call('ZREM', KEYS[1], ARGV[1])
if ARGV[5] == '1' then
  redis.call('ZADD', KEYS[4], ARGV[6], ARGV[1])
  redis.call('ZREMRANGEBYRANK', KEYS[4], 0, -1 - ARGV[7])
end
return 1
