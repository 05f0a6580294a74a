-- Stores an alert with one delivery a channel and takes the change off the queue, in one step.
-- KEYS: stream of changes, alert, listing of alerts, listing of deliveries, listing of dead letters,
--   channels, those that the story was told on; then for each delivery its state, the queue of its channel and its line.
-- ARGV: group, entry, now ms, newest kept, life of alerts s, of deliveries s, of stories s, story ('' for none),
--   alert id, alert ('' where none is told); then for each delivery its id, channel, state, due ms ('' where it is
--   dead at once), and 1 where it stands in line.
-- Returns 1, or -1 where another worker told it.
local fixed_keys, fixed_args = 7, 10
if redis.call('XACK', KEYS[1], ARGV[1], ARGV[2]) == 0 then return -1 end
redis.call('XDEL', KEYS[1], ARGV[2])
if ARGV[10] == '' then return 1 end

local function list(key, member)
  redis.call('ZADD', key, ARGV[3], member)
  redis.call('ZREMRANGEBYRANK', key, 0, -1 - ARGV[4])
end

redis.call('SET', KEYS[2], ARGV[10], 'EX', ARGV[5])
list(KEYS[3], ARGV[9])
for i = 1, (#KEYS - fixed_keys) / 3 do
  local key, queue, line = unpack(KEYS, fixed_keys + 3 * i - 2, fixed_keys + 3 * i)
  local id, channel, state, due, in_line = unpack(ARGV, fixed_args + 5 * i - 4, fixed_args + 5 * i)
  list(KEYS[4], id)
  if ARGV[8] ~= '' then redis.call('SADD', KEYS[7], channel) end
  if due == '' then
    redis.call('SET', key, state, 'EX', ARGV[6])
    list(KEYS[5], id)
  else
    redis.call('SET', key, state)
    redis.call('SADD', KEYS[6], channel)
    redis.call('ZADD', queue, due, id)
    if in_line == '1' then redis.call('RPUSH', line, id) end
  end
end
if ARGV[8] ~= '' then redis.call('EXPIRE', KEYS[7], ARGV[7]) end
return 1
