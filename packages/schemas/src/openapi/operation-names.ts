/** What generated clients call each operation. */
const NAMES: Readonly<Record<string, string>> = {
  "get /metrics/{instances}": "getMetrics",
  "get /metrics/{instances}/series": "getSeries",
  "get /metrics/{instances}/failures": "getFailures",
  "get /metrics/{instances}/latency": "getLatency",
  "get /messages/{instance}": "listMessages",
  "get /messages/{instance}/{idMessage}": "getMessage",
  "get /messages/all/{idMessage}": "findMessage",
  "get /health": "getHealth",
  "get /events": "streamEvents",
  "get /labels": "listLabels",
  "put /labels/{label}": "labelMessages",
  "delete /labels/{label}": "deleteLabel",
  "get /instances": "listInstances",
  "post /instances": "createInstance",
  "get /instances/{name}": "getInstance",
  "patch /instances/{name}": "changeInstance",
  "delete /instances/{name}": "deleteInstance",
  "delete /instances/{name}/chats/{chatId}": "forgetChat",
  "post /instances/{name}/token": "createInstanceToken",
  "get /instances/{name}/reconcile": "getReconciliation",
  "post /instances/{name}/reconcile": "reconcile",
  "get /instances/{name}/check": "checkInstance",
  "post /instances/{name}/check/repair": "repairInstance",
  "get /quarantine": "listQuarantine",
  "get /quarantine/{id}": "getQuarantined",
  "post /quarantine/replay": "replayQuarantined",
  "delete /quarantine/{id}": "discardQuarantined",
  "get /targets": "listTargets",
  "post /targets": "createTarget",
  "get /targets/{target}": "getTarget",
  "patch /targets/{target}": "changeTarget",
  "delete /targets/{target}": "deleteTarget",
  "post /targets/{target}/pause": "pauseTarget",
  "post /targets/{target}/resume": "resumeTarget",
  "post /targets/{target}/retry": "retryTarget",
  "post /targets/{target}/test": "testTarget",
  "post /targets/{target}/rotate": "rotateTargetSecret",
  "get /targets/{target}/dead": "listDeadLetters",
  "post /targets/{target}/dead/replay": "replayDeadLetters",
  "delete /targets/{target}/dead": "discardDeadLetters",
  "delete /targets/{target}/dead/{id}": "discardDeadLetter",
  "get /tokens": "listTokens",
  "post /tokens": "createToken",
  "delete /tokens/{id}": "revokeToken",
  "post /session": "openSession",
  "get /session": "getSession",
  "delete /session": "endSession",
  "get /api/instance/metrics/{instances}": "getInstanceMetrics",
  "get /api/instance/list": "getInstanceList",
  "get /api/instance/getSettings/{name}": "getInstanceSettings",
  "get /openapi.json": "getOpenApi",
  "get /docs": "getDocs",
};

/** An operation without an entry is named after its method and path; GREEN-API's methods keep their names. */
export function nameOf(method: string, path: string): string {
  const [, greenApi] = /^\/waInstance\{idInstance\}\/(\w+)/.exec(path) ?? [];
  if (greenApi !== undefined) return `greenApi${greenApi.charAt(0).toUpperCase()}${greenApi.slice(1)}`;
  return (
    NAMES[`${method} ${path}`] ??
    `${method}${path.replace(/[^A-Z]+(\w?)/gi, (_, letter: string) => letter.toUpperCase())}`
  );
}
