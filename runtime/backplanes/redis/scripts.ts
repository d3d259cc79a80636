/**
 * What the server does in one step, so that nobody ever sees half of it. All pods run the same scripts on the same
 * keys, which carry one hash tag: together they are the log.
 *
 * The log's head is a hash:
 *   log    names the stored data: keys of another log's events mean nothing
 *   epoch  names the history that cursors belong to; replaced when a reader sees that the server was rolled back
 *   n      the last event's position: dense, so every reader sees a hole
 *   ms     the last event's time, which never goes back. An entry's id is `<ms>-<n>`.
 * A head that is missing, for whatever reason, begins a new log.
 */
import { createScript } from "./session.ts";

/** A whole number of more than 14 digits would be written in floating-point notation by Lua itself. */
const COMMON = `
local function whole(number) return string.format('%.0f', number) end
local function millis()
  local time = redis.call('TIME')
  return time[1] * 1000 + math.floor(time[2] / 1000)
end
local function name(seed)
  local time = redis.call('TIME')
  return string.sub(redis.sha1hex(seed .. time[1] .. '.' .. time[2]), 1, 10)
end
`;

/** KEYS: head, log. ARGV[1]: random. Sets the head's fields; HSET comes first, because it is what a full server refuses. */
const OPEN = `${COMMON}
local head, log, seed = KEYS[1], KEYS[2], ARGV[1]
local found = redis.call('HMGET', head, 'log', 'epoch', 'n', 'ms')
local identity, epoch, n, ms = found[1], found[2], tonumber(found[3]), tonumber(found[4])
if not (identity and epoch and n and ms) then
  identity, n, ms = name(seed), 0, 0
  epoch = identity
  redis.call('HSET', head, 'log', identity, 'epoch', epoch, 'n', 0, 'ms', 0)
  redis.call('DEL', log)
end
`;

/** Answers for a key that was used before; a write, too, so that WAIT has something to wait for. */
const REPEATED = `
local key, ttl = KEYS[3], ARGV[2]
if key then
  local value = redis.call('GET', key)
  if value then
    local storedIn, storedMs, first, count = string.match(value, '^(%w+) (%d+) (%d+) (%d+)$')
    if storedIn == identity then
      redis.call('PEXPIRE', key, ttl)
      return {'repeated', epoch, storedMs, first, count}
    end
  end
end
`;

const COUNT_ON = `
local first = n + 1
n = n + count
ms = math.max(ms, millis())
`;

const REMEMBER = `
redis.call('HSET', head, 'n', whole(n), 'ms', whole(ms))
if key then
  redis.call('SET', key, identity .. ' ' .. whole(ms) .. ' ' .. whole(first) .. ' ' .. whole(count), 'PX', ttl)
end
`;

const STORED = `return {'stored', epoch, whole(ms), whole(first), whole(count)}`;

/**
 * KEYS: head, log[, key]. ARGV: random, ttl of the key, maximum length of the log, then topic, type and data of each
 * event. The first command that writes is one that a full or read-only server refuses: whole or not at all.
 */
export const APPEND = createScript(`${OPEN}${REPEATED}
local count = (#ARGV - 3) / 3
${COUNT_ON}
for i = 0, count - 1 do
  local at = 4 + i * 3
  redis.call('XADD', log, 'MAXLEN', '~', ARGV[3], whole(ms) .. '-' .. whole(first + i),
    't', ARGV[at], 'y', ARGV[at + 1], 'd', ARGV[at + 2])
end
${REMEMBER}${STORED}`);

/**
 * KEYS: head, log (which is never written)[, key]. ARGV: random, ttl of the key, channel, number of events, message.
 * Publishing comes last: it is no write, so a full server would not refuse it.
 */
export const PUBLISH = createScript(`${OPEN}${REPEATED}
local channel, count = ARGV[3], tonumber(ARGV[4])
if redis.call('PUBSUB', 'NUMSUB', channel)[2] == 0 then
  return redis.error_reply('NOREADERS Nobody listens, not even this pod')
end
${COUNT_ON}${REMEMBER}
redis.call('PUBLISH', channel, epoch .. ' ' .. whole(ms) .. ' ' .. whole(first) .. '\\n' .. ARGV[5])
${STORED}`);

/** KEYS: head, log. ARGV: random, the id of an entry or "". Answers what a reader judges its place by. */
export const INSPECT = createScript(`${OPEN}
local entry = redis.call('XRANGE', log, '-', '+', 'COUNT', 1)[1]
local holds = ARGV[2] ~= '' and #redis.call('XRANGE', log, ARGV[2], ARGV[2]) > 0
return {epoch, whole(n), whole(ms), entry and entry[1] or '', holds and 1 or 0, whole(millis())}`);

/** KEYS: head, log. ARGV: random, epoch. Begins a new epoch, unless another pod was faster. */
export const RENEW = createScript(`${OPEN}
if epoch == ARGV[2] then redis.call('HSET', head, 'epoch', name(seed)) end
return redis.status_reply('OK')`);

/**
 * KEYS: log. ARGV: maximum age in ms, maximum bytes. Removes in whole nodes, as that costs least. Of a server that
 * does not tell the size, none is known.
 */
export const TRIM = createScript(`${COMMON}
local log = KEYS[1]
redis.call('XTRIM', log, 'MINID', '~', whole(millis() - ARGV[1]))
local bytes, most = redis.pcall('MEMORY', 'USAGE', log, 'SAMPLES', '5'), tonumber(ARGV[2])
if type(bytes) == 'number' and bytes > most then
  redis.call('XTRIM', log, 'MAXLEN', '~', whole(math.floor(redis.call('XLEN', log) * most / bytes)))
end
return redis.status_reply('OK')`);
