-- Stores all that one item leads to and takes it off the queue, in one step.
-- KEYS: stream of items, stream of changes, headline, tails of the feed, facts of the item, item record,
--   listing of items, listing of stories; then for each story its state and its place.
-- ARGV: group, entry, now ms, life of memory s, of the record s, of stories s, newest kept,
--   root of the headline's owner as it was read, headline to write, tail, record, item id, change,
--   number of facts, the facts, items kept a word, number of words, the keys of the words; then for each story its
--   id, the version it was read with, the state.
-- Returns 1; 0 where something it was decided on has changed since; -1 where another worker decided it.
local story_keys, facts = 8, tonumber(ARGV[14])
local words = tonumber(ARGV[16 + facts])
local stories = 16 + facts + words
local function current(key) return redis.call('GET', key) or '' end
local function owner(headline)
  local said = current(headline)
  return said == '' and '' or cjson.decode(said).root
end

if owner(KEYS[3]) ~= ARGV[8] then return 0 end
local count = (#KEYS - story_keys) / 2
for i = 1, count do
  local state, place = KEYS[story_keys + 2 * i - 1], KEYS[story_keys + 2 * i]
  local id, version = ARGV[stories + 3 * i - 2], ARGV[stories + 3 * i - 1]
  if (redis.call('HGET', state, 'version') or '0') ~= version then return 0 end
  local there = current(place)
  if version ~= '0' and there ~= id then return 0 end
  if version == '0' and there ~= '' and there ~= ARGV[stories + 3 * count + i] then return 0 end
end
if redis.call('XACK', KEYS[1], ARGV[1], ARGV[2]) == 0 then return -1 end
redis.call('XDEL', KEYS[1], ARGV[2])

local function list(key, score, member)
  redis.call('ZADD', key, score, member)
  redis.call('ZREMRANGEBYRANK', key, 0, -1 - ARGV[7])
end

if ARGV[9] ~= '' then redis.call('SET', KEYS[3], ARGV[9], 'EX', ARGV[4]) end
if ARGV[10] ~= '' and (redis.call('HLEN', KEYS[4]) < 500 or redis.call('HEXISTS', KEYS[4], ARGV[10]) == 1) then
  redis.call('HINCRBY', KEYS[4], ARGV[10], 1)
  redis.call('EXPIRE', KEYS[4], ARGV[4])
end
for i = 1, facts do redis.call('SADD', KEYS[5], ARGV[14 + i]) end
if facts > 0 then redis.call('EXPIRE', KEYS[5], ARGV[4]) end
for i = 1, words do
  local word = ARGV[16 + facts + i]
  redis.call('LPUSH', word, ARGV[12])
  redis.call('LTRIM', word, 0, ARGV[15 + facts] - 1)
  redis.call('EXPIRE', word, ARGV[5])
end
redis.call('SET', KEYS[6], ARGV[11], 'EX', ARGV[5])
list(KEYS[7], ARGV[3], ARGV[12])
for i = 1, count do
  local state, place = KEYS[story_keys + 2 * i - 1], KEYS[story_keys + 2 * i]
  local id, version = ARGV[stories + 3 * i - 2], ARGV[stories + 3 * i - 1]
  redis.call('HSET', state, 'version', version + 1, 'state', ARGV[stories + 3 * i])
  redis.call('EXPIRE', state, ARGV[6])
  redis.call('SET', place, id, 'EX', ARGV[6])
  list(KEYS[8], ARGV[3], id)
end
if ARGV[13] ~= '' then redis.call('XADD', KEYS[2], '*', 'change', ARGV[13]) end
return 1
