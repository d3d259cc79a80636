-- The health of an SseService for Argo CD: resource.customizations.health.sse-operator.dev_SseService.
-- What each condition means: docs/status.md.

local function find(type)
  for _, condition in ipairs((obj.status or {}).conditions or {}) do
    if condition.type == type then
      return condition
    end
  end
  return { status = "Unknown", reason = "", message = "Waiting for the operator" }
end

local function health(status, condition)
  return { status = status, message = condition.message }
end

local ready = find("Ready")
local seen = obj.status and obj.status.observedGeneration
if seen == nil or seen ~= obj.metadata.generation then
  return { status = "Progressing", message = "Waiting for the operator" }
end

local paused = find("Paused")
if paused.status == "True" then
  return health("Suspended", paused)
end
local stalled = find("Stalled")
if stalled.status == "True" then
  return health("Degraded", stalled)
end
if ready.status == "True" then
  return health("Healthy", ready)
end
if ready.reason == "ScaledToZero" then
  return health("Suspended", ready)
end
local reconciling = find("Reconciling")
if reconciling.status == "True" then
  return health("Progressing", reconciling)
end
return health("Degraded", ready)
