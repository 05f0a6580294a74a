-- Notes that something turned from one state into another and hands what is to be told of it over, in one step.
-- KEYS: hash of states, stream of changes. ARGV: name of the state, what it was ('' for none), what it is ('' for none),
--   what to tell ('' for nothing).
-- Returns 1, or 0 where it was something else by now: another process noticed first.
if (redis.call('HGET', KEYS[1], ARGV[1]) or '') ~= ARGV[2] then return 0 end
if ARGV[3] == '' then
  redis.call('HDEL', KEYS[1], ARGV[1])
else
  redis.call('HSET', KEYS[1], ARGV[1], ARGV[3])
end
if ARGV[4] ~= '' then redis.call('XADD', KEYS[2], '*', 'ops', ARGV[4]) end
return 1
