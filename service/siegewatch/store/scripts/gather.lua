-- Puts one digest in the place of deliveries that wait for a channel, in one step.
-- KEYS: queue of the channel, what waits to be gathered, claims, unsure deliveries, digest, its delivery, listing of
--   deliveries. ARGV: now ms, life of digests s, of deliveries s, newest kept, prefix of deliveries, of lines, digest,
--   id of its delivery, the delivery, due ms; then for each delivery its id and its state from now on.
-- Returns 1, or 0 where one of them is not free any more: nothing has changed then.
if redis.call('HLEN', KEYS[3]) > 0 then return 0 end
for i = 11, #ARGV, 2 do
  local waits = redis.call('ZSCORE', KEYS[1], ARGV[i]) or redis.call('ZSCORE', KEYS[2], ARGV[i])
  if not waits or redis.call('SISMEMBER', KEYS[4], ARGV[i]) == 1 then return 0 end
end
local placed = {}
for i = 11, #ARGV, 2 do
  local raw = redis.call('GET', ARGV[5] .. ARGV[i])
  for _, name in ipairs(raw and cjson.decode(raw).lines or {}) do
    local line = ARGV[6] .. name
    if not placed[line] then
      redis.call('LINSERT', line, 'BEFORE', ARGV[i], ARGV[8])
      placed[line] = true
    end
    redis.call('LREM', line, 1, ARGV[i])
  end
  redis.call('ZREM', KEYS[1], ARGV[i])
  redis.call('ZREM', KEYS[2], ARGV[i])
  redis.call('SET', ARGV[5] .. ARGV[i], ARGV[i + 1], 'EX', ARGV[3])
end
redis.call('SET', KEYS[5], ARGV[7], 'EX', ARGV[2])
redis.call('SET', KEYS[6], ARGV[9])
redis.call('ZADD', KEYS[1], ARGV[10], ARGV[8])
redis.call('ZADD', KEYS[7], ARGV[1], ARGV[8])
redis.call('ZREMRANGEBYRANK', KEYS[7], 0, -1 - ARGV[4])
return 1
