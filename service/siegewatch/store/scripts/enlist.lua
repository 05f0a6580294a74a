-- Makes feeds due, save paused ones. KEYS: due zset, claims hash, paused hash.
-- ARGV: 'NX' (only those not in the schedule) or 'LT' (only sooner, and not those being polled), then due ms and feed by turns.
for i = 2, #ARGV, 2 do
  local feed = ARGV[i + 1]
  local polled = ARGV[1] == 'LT' and redis.call('HEXISTS', KEYS[2], feed) == 1
  if not polled and redis.call('HEXISTS', KEYS[3], feed) == 0 then
    redis.call('ZADD', KEYS[1], ARGV[1], ARGV[i], feed)
  end
end
