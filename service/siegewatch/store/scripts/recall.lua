-- What is remembered that bears on items, in one step.
-- ARGV: prefix, candidates wanted, then for each item: feed, tail of the headline, id of its first wording or '',
--   number of digests, the digests, number of words, the words.
-- Returns for each item: how often the feed's headlines ended so; who said each digest first ('' for nobody);
--   the records of the items that share words with it, the likest first; for an edit, some of its earlier wordings
--   before them: a live page has more than are worth reading, and those that share words are the likely ones; and the
--   records of who said a digest first, where an event was read from that.
-- A word counts the more the fewer items hold it; two must be shared. Who says what was said before is not looked for.
local LEAST_SHARED = 2
local REF = 8
local FLAGS, TOLD = 5, 2
local most = tonumber(ARGV[2])
local at, answer = 3, {}

-- Places of records as numbers, which cost less to count by than strings: any eight bytes of ours are one.
local function numbers(refs)
  local held = #refs / REF
  return {struct.unpack('>' .. string.rep('d', held), refs)}, held
end

-- Each word shared counts one and a share of one more, so that who shares one word stays below two.
local function candidates(first, last)
  local score, likely, turn, lists = {}, {}, {}, {}
  for i = first, last do lists[#lists + 1] = prefix .. 'holders:' .. ARGV[i] end
  for _, holders in ipairs(#lists > 0 and redis.call('MGET', unpack(lists)) or lists) do
    local refs, held = numbers(holders or '')
    local worth = 1 + 1 / (1 + held)
    for place = 1, held do
      local ref = refs[place]
      local before = score[ref]
      if before then
        if before < LEAST_SHARED then
          likely[#likely + 1] = ref
          turn[ref] = #likely
        end
        score[ref] = before + worth
      else
        score[ref] = worth
      end
    end
  end
  table.sort(likely, function(a, b) return score[a] > score[b] or (score[a] == score[b] and turn[a] < turn[b]) end)
  return likely
end

-- Under the id of a root stand all its wordings.
local function wordings(root)
  local there = {}
  local refs = get('records', root) or ''
  for from = 1, #refs, REF do there[#there + 1] = record(string.sub(refs, from, from + REF - 1)) end
  return there
end

while at <= #ARGV do
  local feed, tail, root = ARGV[at], ARGV[at + 1], ARGV[at + 2]
  local digests = tonumber(ARGV[at + 3])
  local said, found, first, is_new = {}, {}, {}, false
  for i = at + 4, at + 3 + digests do
    local by = get('headline', ARGV[i]) or ''
    said[#said + 1] = by
    is_new = is_new or by == ''
    local told = by ~= '' and math.floor(string.byte(by, FLAGS) / TOLD) % 2 == 1
    if told and root == '' and #first == 0 then first = wordings(string.sub(by, FLAGS + 1)) end
  end
  local words = at + 4 + digests
  local last = words + tonumber(ARGV[words])
  if root ~= '' then found = wordings(root) end
  if is_new then
    for rank, ref in ipairs(candidates(words + 1, last)) do
      if rank > most then break end
      found[#found + 1] = record(struct.pack('>d', ref))
    end
  end
  local times = tail ~= '' and redis.call('HGET', prefix .. 'tails:' .. feed, tail) or 0
  answer[#answer + 1] = {tonumber(times or 0) or 0, said, found, first}
  at = last + 1
end
return answer
