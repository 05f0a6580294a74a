-- The records of items, in one step. ARGV: prefix, the ids of roots or of further wordings.
-- Returns what is there, in that order.
local answer = {}
for i = 2, #ARGV do
  -- Under the id of a root stand all its wordings, its own first.
  local ref = get('records', ARGV[i])
  if ref then
    answer[#answer + 1] = record(ref)
  end
end
return answer
