-- Admits the entries of one document: remembers who they are and queues what is new, in one step.
-- KEYS: stream of items. ARGV: prefix, lifetime s, then for each entry:
--   number of identities, the identities, digest of the wording, id for a new item, the item as JSON,
--   1 where an edit of it is too old to ring.
-- A known identity with a wording not heard before is an edit: queued once, under the id of the first wording.
-- Returns {new, edits, known}.
-- A text that changes with every request, such as a clock, would grow without end.
local MOST_WORDINGS = 1000
local prefix, life = ARGV[1], ARGV[2]
local new, edits, known = 0, 0, 0
local at = 3
while at <= #ARGV do
  local count = tonumber(ARGV[at])
  local wording, id = ARGV[at + count + 1], ARGV[at + count + 2]
  local item, edit_late = ARGV[at + count + 3], ARGV[at + count + 4]
  local root = nil
  for i = at + 1, at + count do
    root = root or redis.call('GET', prefix .. 'seen:' .. ARGV[i])
  end
  local edit = root or ''
  root = root or id
  for i = at + 1, at + count do
    redis.call('SET', prefix .. 'seen:' .. ARGV[i], root, 'EX', life)
  end
  local said = prefix .. 'said:' .. root
  if redis.call('SCARD', said) >= MOST_WORDINGS or redis.call('SADD', said, wording) == 0 then
    known = known + 1
  else
    if edit == '' then new = new + 1 else edits = edits + 1 end
    redis.call('XADD', KEYS[1], '*', 'edit_of', edit, 'edit_late', edit_late, 'wording', wording, 'item', item)
  end
  redis.call('EXPIRE', said, life)
  at = at + count + 5
end
return {new, edits, known}
