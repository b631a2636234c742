/**
 * Every span attribute and metric that the chassis emits; docs and dashboards are checked against these lists.
 * https://opentelemetry.io/docs/specs/semconv/rpc/grpc/
 */
export const RPC_SYSTEM_NAME = "rpc.system.name";
export const RPC_METHOD = "rpc.method";
export const RPC_RESPONSE_STATUS_CODE = "rpc.response.status_code";
export const SERVER_ADDRESS = "server.address";
export const ERROR_TYPE = "error.type";
/** The refusal's code, when the call was refused. */
export const MIRA_REFUSAL = "mira.refusal";

export const CHASSIS_ATTRIBUTES = [
  RPC_SYSTEM_NAME,
  RPC_METHOD,
  RPC_RESPONSE_STATUS_CODE,
  SERVER_ADDRESS,
  ERROR_TYPE,
  MIRA_REFUSAL,
] as const;

/** Of the process, on everything it reports. */
export const SERVICE_NAME = "service.name";
export const SERVICE_NAMESPACE = "service.namespace";
export const SERVICE_VERSION = "service.version";
export const SERVICE_INSTANCE_ID = "service.instance.id";
export const MIRA_NETWORK_ID = "mira.network.id";

export type MetricDeclaration = {
  readonly name: string;
  readonly unit: string;
  readonly description: string;
};

export const SERVER_CALL_DURATION = {
  name: "rpc.server.call.duration",
  unit: "s",
  description: "Time from the first header of a call to its status, as the server sees it.",
} as const satisfies MetricDeclaration;

export const CLIENT_CALL_DURATION = {
  name: "rpc.client.call.duration",
  unit: "s",
  description: "Time from the start of an attempt to its status, as the client sees it.",
} as const satisfies MetricDeclaration;

export const CALLS_OPEN = {
  name: "mira.grpc.calls.open",
  unit: "{call}",
  description: "Calls being handled now.",
} as const satisfies MetricDeclaration;

export const EVENT_LOOP_DELAY_MAX = {
  name: "nodejs.eventloop.delay.max",
  unit: "s",
  description: "Longest delay of the event loop in the last ten to twenty seconds.",
} as const satisfies MetricDeclaration;

export const MEMORY_RESIDENT = {
  name: "process.memory.usage",
  unit: "By",
  description: "Resident memory of the process.",
} as const satisfies MetricDeclaration;

export const CHASSIS_METRICS = [
  SERVER_CALL_DURATION,
  CLIENT_CALL_DURATION,
  CALLS_OPEN,
  EVENT_LOOP_DELAY_MAX,
  MEMORY_RESIDENT,
] as const;

/** Seconds; the boundaries that the RPC conventions advise. */
export const CALL_DURATION_BUCKETS: readonly number[] = [
  0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10,
];
