-- Stores all that one item leads to and takes it off the queue, in one step.
-- KEYS: stream of items, stream of changes, tails of the feed, facts of the item, records, listing of items, listing of
--   stories; then for each story its state and its place.
-- ARGV: prefix, group, entry, now ms, life of memory s, of the record s, of stories s, newest kept,
--   digest of the headline, root of its owner as it was read, what to remember of it, tail, record, item id, its root as
--   a digest, itself as one where it is an edit, change, number of facts, the facts, items kept a word, number of words,
--   the words; then for each story its id, the version it was read with, the state.
-- Returns 1; 0 where something it was decided on has changed since; -1 where another worker decided it.
local REF, MOST_WORDINGS = 8, 8
local story_keys, facts = 7, tonumber(ARGV[18])
local words = tonumber(ARGV[20 + facts])
local stories = 20 + facts + words
local life, record_life = tonumber(ARGV[5]), tonumber(ARGV[6])
local function current(key) return redis.call('GET', key) or '' end

-- A headline is remembered as: when it was said (s, four bytes), flags, root of who said it first.
local said = get('headline', ARGV[9])
if (said and string.sub(said, 6) or '') ~= ARGV[10] then return 0 end
local count = (#KEYS - story_keys) / 2
for i = 1, count do
  local state, place_key = KEYS[story_keys + 2 * i - 1], KEYS[story_keys + 2 * i]
  local id, version = ARGV[stories + 3 * i - 2], ARGV[stories + 3 * i - 1]
  if (redis.call('HGET', state, 'version') or '0') ~= version then return 0 end
  local there = current(place_key)
  if version ~= '0' and there ~= id then return 0 end
  if version == '0' and there ~= '' and there ~= ARGV[stories + 3 * count + i] then return 0 end
end
if redis.call('XACK', KEYS[1], ARGV[2], ARGV[3]) == 0 then return -1 end
redis.call('XDEL', KEYS[1], ARGV[3])

local function list(key, score, member)
  redis.call('ZADD', key, score, member)
  if redis.call('ZCARD', key) > tonumber(ARGV[8]) then redis.call('ZREMRANGEBYRANK', key, 0, -1 - ARGV[8]) end
end

local now = tonumber(ARGV[4]) / 1000
if ARGV[11] ~= '' then
  put('headline', ARGV[9], ARGV[11], life, function(value) return struct.unpack('>I4', value) < now - life end)
end
if ARGV[12] ~= '' and (redis.call('HLEN', KEYS[3]) < 500 or redis.call('HEXISTS', KEYS[3], ARGV[12]) == 1) then
  redis.call('HINCRBY', KEYS[3], ARGV[12], 1)
  redis.call('EXPIRE', KEYS[3], ARGV[5])
end
for i = 1, facts do redis.call('SADD', KEYS[4], ARGV[18 + i]) end
if facts > 0 then redis.call('EXPIRE', KEYS[4], ARGV[5]) end

-- A record's place begins with its time (ms) by the server's clock.
local oldest = (redis.call('TIME')[1] - record_life) * 1000
local id = redis.call('XADD', KEYS[5], 'MINID', '~', string.format('%.0f', oldest), '*', '', ARGV[13])
redis.call('EXPIRE', KEYS[5], record_life)
local ms, number = string.match(id, '(%d+)-(%d+)')
local ref = struct.pack('>I6I2', ms, number)
local function is_past(value) return struct.unpack('>I6', string.sub(value, -REF)) < oldest end
local refs = ARGV[16] ~= '' and get('records', ARGV[15]) or ''
if #refs >= REF * MOST_WORDINGS then refs = string.sub(refs, 1, REF) .. string.sub(refs, 2 * REF + 1) end
put('records', ARGV[15], refs .. ref, record_life, is_past)
if ARGV[16] ~= '' then put('records', ARGV[16], ref, record_life, is_past) end
local lists, most = {}, -REF * tonumber(ARGV[19 + facts])
for i = 1, words do lists[i] = prefix .. 'holders:' .. ARGV[20 + facts + i] end
for i, holders in ipairs(words > 0 and redis.call('MGET', unpack(lists)) or lists) do
  redis.call('SET', lists[i], string.sub((holders or '') .. ref, most), 'EX', record_life)
end
list(KEYS[6], ARGV[4], ARGV[14])
for i = 1, count do
  local state, place_key = KEYS[story_keys + 2 * i - 1], KEYS[story_keys + 2 * i]
  local story, version = ARGV[stories + 3 * i - 2], ARGV[stories + 3 * i - 1]
  redis.call('HSET', state, 'version', version + 1, 'state', ARGV[stories + 3 * i])
  redis.call('EXPIRE', state, ARGV[7])
  redis.call('SET', place_key, story, 'EX', ARGV[7])
  list(KEYS[7], ARGV[4], story)
end
if ARGV[17] ~= '' then redis.call('XADD', KEYS[2], '*', 'change', ARGV[17]) end
return 1
