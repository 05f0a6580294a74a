-- Ends the claim of a delivery. KEYS: queue of the channel, claims, delivery, listing of dead letters, unsure
--   deliveries, standing; then its lines. ARGV: delivery id, token, state, due ms ('' where it is over), dead (1 or 0),
--   now ms, newest kept, life s, unsure (1 or 0), standing, ms before which the channel is left alone (0 for none),
--   leaves (1 where those behind it in its lines need not wait for it).
-- Returns 1, or 0 where the claim ran out and another worker holds it now.
if redis.call('HGET', KEYS[2], ARGV[1]) ~= ARGV[2] then return 0 end
redis.call('HDEL', KEYS[2], ARGV[1])
redis.call('HSET', KEYS[6], 'state', ARGV[10], 'opens_at', ARGV[11])
if ARGV[4] == '' or ARGV[12] == '1' then
  for i = 7, #KEYS do redis.call('LREM', KEYS[i], 1, ARGV[1]) end
end
if ARGV[4] ~= '' then
  redis.call('SET', KEYS[3], ARGV[3])
  redis.call('ZADD', KEYS[1], 'XX', ARGV[4], ARGV[1])
  if ARGV[9] == '1' then redis.call('SADD', KEYS[5], ARGV[1]) end
  return 1
end
redis.call('SET', KEYS[3], ARGV[3], 'EX', ARGV[8])
redis.call('ZREM', KEYS[1], ARGV[1])
redis.call('SREM', KEYS[5], ARGV[1])
if ARGV[5] == '1' then
  redis.call('ZADD', KEYS[4], ARGV[6], ARGV[1])
  redis.call('ZREMRANGEBYRANK', KEYS[4], 0, -1 - ARGV[7])
end
return 1
