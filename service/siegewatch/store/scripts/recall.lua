-- What is remembered that bears on items, in one step.
-- ARGV: prefix, candidates wanted, then for each item: feed, tail of the headline, id of its first wording or '',
--   number of digests, the digests, number of words, the words.
-- Returns for each item: how often the feed's headlines ended so; who said each digest first ('' for nobody); and
--   the records of the items that share words with it, the likest first; for an edit, some of its earlier wordings
--   before them: a live page has more than are worth reading, and those that share words are the likely ones.
-- A word counts the more the fewer items hold it; two must be shared.
local LEAST_SHARED = 2
local MOST_WORDINGS = 8
local prefix, most = ARGV[1], tonumber(ARGV[2])
local at, answer = 3, {}

local function candidates(first, last)
  local shared, score, ids = {}, {}, {}
  for i = first, last do
    local holders = redis.call('LRANGE', prefix .. 'word:' .. ARGV[i], 0, -1)
    local worth = 1 / (1 + #holders)
    for _, id in ipairs(holders) do
      if not shared[id] then
        ids[#ids + 1], shared[id], score[id] = id, 0, 0
      end
      shared[id], score[id] = shared[id] + 1, score[id] + 1 + worth
    end
  end
  local likely = {}
  for _, id in ipairs(ids) do
    if shared[id] >= LEAST_SHARED then likely[#likely + 1] = id end
  end
  table.sort(likely, function(a, b) return score[a] > score[b] or (score[a] == score[b] and a < b) end)
  return likely
end

while at <= #ARGV do
  local feed, tail, root = ARGV[at], ARGV[at + 1], ARGV[at + 2]
  local digests = tonumber(ARGV[at + 3])
  local said, found = {}, {}
  for i = at + 4, at + 3 + digests do
    said[#said + 1] = redis.call('GET', prefix .. 'headline:' .. ARGV[i]) or ''
  end
  local words = at + 4 + digests
  local last = words + tonumber(ARGV[words])
  local function add(id)
    local record = redis.call('GET', prefix .. 'item:' .. id)
    if record then found[#found + 1] = record end
  end
  if root ~= '' then
    add(root)
    for number, wording in ipairs(redis.call('SMEMBERS', prefix .. 'said:' .. root)) do
      if number > MOST_WORDINGS then break end
      add(root .. '.' .. string.sub(wording, 1, 8))
    end
  end
  for rank, id in ipairs(candidates(words + 1, last)) do
    if rank > most then break end
    add(id)
  end
  local times = tail ~= '' and redis.call('HGET', prefix .. 'tails:' .. feed, tail) or 0
  answer[#answer + 1] = {tonumber(times or 0) or 0, said, found}
  at = last + 1
end
return answer
