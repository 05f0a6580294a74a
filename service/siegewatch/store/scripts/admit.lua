-- Admits the entries of one document: remembers who they are and queues what is new, in one step.
-- KEYS: stream of items. ARGV: prefix, lifetime days, then for each entry:
--   number of identities, the identities, digest of the wording, id for a new item, the item as JSON,
--   1 where an edit of it is too old to ring.
-- A known identity with a wording not heard before is an edit: queued once, under the id of the first wording.
-- Returns {new, edits, known}.
-- The member of a root id is the day it was last served and its first wording; that of another identity, whose day has
-- its highest bit set, that day and the root id.
-- A text that changes with every request, such as a clock, would grow without end.
local MOST_WORDINGS = 1000
local POINTS = 32768
local DAY = 86400
local days = tonumber(ARGV[2])
local life = (days + 1) * DAY
local today = math.floor(tonumber(redis.call('TIME')[1]) / DAY)
local new, edits, known = 0, 0, 0

local function day_of(value)
  local high, low = string.byte(value, 1, 2)
  return high % 128 * 256 + low
end
local function is_over(value) return today - day_of(value) > days end
local function points(value) return string.byte(value, 1) >= 128 end
local function stamp(flag)
  local day = today + flag
  return string.char(math.floor(day / 256), day % 256)
end
local now_root, now_points = stamp(0), stamp(POINTS)
local function seen(digest)
  local value = get('seen', digest)
  if not value then return nil end
  local at = string.sub(value, 1, 2)
  return (at == now_root or at == now_points or not is_over(value)) and value or nil
end
-- A member is written anew once a day, so that most of what is served again is only read.
local function keep(digest, value, held)
  if value ~= held and (not held or day_of(held) < today or string.sub(held, 3) ~= string.sub(value, 3)) then
    put('seen', digest, value, life, is_over)
  end
end
local function said_key(root)
  return prefix .. 'said:' .. string.gsub(root, '.', function(mark) return string.format('%02x', string.byte(mark)) end)
end

local function is_said(root, first, wording)
  if first == wording then return true end
  local said = said_key(root)
  local is_known = redis.call('SCARD', said) >= MOST_WORDINGS - 1 or redis.call('SADD', said, wording) == 0
  redis.call('EXPIRE', said, life)
  return is_known
end

local at = 3
while at <= #ARGV do
  local count = tonumber(ARGV[at])
  local wording, id = ARGV[at + count + 1], ARGV[at + count + 2]
  local held, root = {}, nil
  for i = 1, count do
    local identity = ARGV[at + i]
    held[i] = seen(identity)
    if held[i] and not root then
      root = points(held[i]) and string.sub(held[i], 3) or identity
    end
  end
  local edit = root or ''
  root = root or id
  local owner = root == ARGV[at + 1] and held[1] or seen(root)
  local first = owner and not points(owner) and string.sub(owner, 3) or wording
  for i = 1, count do
    if ARGV[at + i] ~= root then keep(ARGV[at + i], now_points .. root, held[i]) end
  end
  keep(root, now_root .. first, owner)
  if owner and is_said(root, first, wording) then
    known = known + 1
  else
    if edit == '' then new = new + 1 else edits = edits + 1 end
    redis.call('XADD', KEYS[1], '*', 'edit_of', edit, 'edit_late', ARGV[at + count + 4], 'wording', wording,
      'item', ARGV[at + count + 3])
  end
  at = at + count + 5
end
return {new, edits, known}
