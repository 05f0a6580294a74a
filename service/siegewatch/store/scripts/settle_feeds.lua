-- Ends claims of feeds. KEYS: due zset, claims hash, feed -> lane hash, busy lanes zset, then the state of each feed.
-- ARGV: ms when their lanes are free again, life of a state s, then for each feed: feed, token, due ms, state ('' leaves
-- it as it was). One call for many: what a call costs its client, and not the work, is what settling costs.
-- Returns for each 1, or 0 where the claim ran out and another worker holds it now.
local due, claims, lanes, busy = KEYS[1], KEYS[2], KEYS[3], KEYS[4]
local free, life = ARGV[1], ARGV[2]
local settled = {}
for number = 1, (#ARGV - 2) / 4 do
  local at = 4 * number - 1
  local feed = ARGV[at]
  if redis.call('HGET', claims, feed) == ARGV[at + 1] then
    redis.call('HDEL', claims, feed)
    redis.call('ZADD', due, 'XX', ARGV[at + 2], feed)
    local lane = redis.call('HGET', lanes, feed)
    if lane then redis.call('ZADD', busy, free, lane) end
    if ARGV[at + 3] ~= '' then redis.call('SET', KEYS[4 + number], ARGV[at + 3], 'EX', life) end
    settled[number] = 1
  else
    settled[number] = 0
  end
end
return settled
