/** A typed client of one service: calls return results, refusals come back as the refusals they were. */
import {
  credentials,
  Metadata,
  type ChannelCredentials,
  type Client,
  type ClientOptions,
  type ClientUnaryCall,
  type ServiceError,
} from "@grpc/grpc-js";
import { statusToRefusal } from "@mira/api";
import { InvariantViolation, succeed, type Result } from "@mira/primitives";
import { metrics, trace } from "@opentelemetry/api";
import { createClientTelemetry } from "../telemetry/grpc-client-telemetry.ts";
import type { GrpcTelemetry } from "../telemetry/grpc-server-telemetry.ts";
import { describeMethod } from "../telemetry/grpc-attributes.ts";
import { CallError } from "./call-error.ts";
import { openCallScope } from "./call-scope.ts";
import { DEFAULT_DEADLINE_MS, TRANSPORT_OPTIONS } from "./limits.ts";
import { RetryBudget, retryUnavailable } from "./retry.ts";
import {
  getMethod,
  type MethodDefinition,
  type MethodsOf,
  type RequestOf,
  type ResponseOf,
  type UnaryMethod,
} from "./service-types.ts";

/** What `makeGenericClientConstructor` of generated code gives. */
export type ClientConstructor<Service extends MethodsOf<Service>> = {
  new (address: string, credentials: ChannelCredentials, options?: Partial<ClientOptions>): Client;
  readonly service: Service;
};

export type GrpcClientOptions<Service> = {
  readonly credentials?: ChannelCredentials;
  /** For calls that name none; also bounded by what is left of the call being handled. Default 10 s. */
  readonly deadlineMs?: number;
  /** Methods that may be sent twice: retried, a few times and with jitter, when nobody could be reached. */
  readonly idempotent?: readonly (keyof Service)[];
  readonly telemetry?: GrpcTelemetry;
};

export type GrpcClient<Service> = {
  readonly service: Service;
  readonly target: string;
  readonly channel: Client;
  readonly deadlineMs: number;
  readonly idempotent: ReadonlySet<keyof Service>;
  readonly retries: RetryBudget;
  readonly close: () => void;
};

export type CallSettings = {
  readonly deadlineMs?: number;
  readonly signal?: AbortSignal;
  readonly metadata?: Metadata;
};

/** One channel for the life of the process: reuse it. */
export function createGrpcClient<Service extends MethodsOf<Service>>(
  constructor: ClientConstructor<Service>,
  target: string,
  options: GrpcClientOptions<Service> = {},
): GrpcClient<Service> {
  const telemetry = options.telemetry ?? {
    tracer: trace.getTracer("mira.chassis"),
    meter: metrics.getMeter("mira.chassis"),
  };
  const channel = new constructor(target, options.credentials ?? credentials.createInsecure(), {
    ...TRANSPORT_OPTIONS,
    "grpc.service_config": JSON.stringify({ loadBalancingConfig: [{ round_robin: {} }] }),
    // Retries are made here, where it is known which methods bear them.
    "grpc.enable_retries": 0,
    // Book-keeping per call that nobody reads. A server needs it: forceShutdown finds its sessions there.
    "grpc.enable_channelz": 0,
    "grpc.initial_reconnect_backoff_ms": 100,
    "grpc.max_reconnect_backoff_ms": 2000,
    interceptors: [createClientTelemetry(telemetry, target)],
  });
  return {
    service: constructor.service,
    target,
    channel,
    deadlineMs: options.deadlineMs ?? DEFAULT_DEADLINE_MS,
    idempotent: new Set(options.idempotent),
    retries: new RetryBudget(),
    close: () => channel.close(),
  };
}

/**
 * Resolves with the response or the refusal. Throws CallError when the call failed otherwise, and the signal's reason
 * when it was aborted. The deadline never outlasts that of the call being handled.
 */
export async function call<Service extends MethodsOf<Service>, Method extends UnaryMethod<Service>>(
  client: GrpcClient<Service>,
  method: Method,
  request: RequestOf<Service, Method>,
  settings: CallSettings = {},
): Promise<Result<ResponseOf<Service, Method>>> {
  const definition = getMethod(client.service, method);
  const scope = openCallScope(settings.deadlineMs ?? client.deadlineMs, settings.signal);
  try {
    const attempt = () => callOnce(client, definition, { request, settings, scope });
    return client.idempotent.has(method)
      ? await retryUnavailable(attempt, { budget: client.retries, ...scope })
      : await attempt();
  } finally {
    scope.close();
  }
}

type Attempt<Request> = {
  readonly request: Request;
  readonly settings: CallSettings;
  readonly scope: ReturnType<typeof openCallScope>;
};

async function callOnce<Request, Response>(
  client: Pick<GrpcClient<unknown>, "channel" | "target">,
  definition: MethodDefinition<Request, Response>,
  { request, settings, scope }: Attempt<Request>,
): Promise<Result<Response>> {
  scope.signal?.throwIfAborted();
  const { promise, resolve, reject } = Promise.withResolvers<Result<Response>>();
  const sent: ClientUnaryCall = client.channel.makeUnaryRequest<Request, Response>(
    definition.path,
    definition.requestSerialize,
    definition.responseDeserialize,
    request,
    settings.metadata?.clone() ?? new Metadata(),
    { deadline: scope.deadlineAt },
    (error, response) => {
      const refusal = error === null ? undefined : statusToRefusal(error);
      if (refusal !== undefined) resolve(refusal);
      else if (error !== null) reject(toCallError(error, client.target, definition.path));
      else if (response !== undefined) resolve(succeed(response));
      else reject(new InvariantViolation(`${definition.path}: neither an error nor a response`));
    },
  );
  const cancel = () => sent.cancel();
  scope.signal?.addEventListener("abort", cancel, { once: true });
  try {
    return await promise;
  } catch (error) {
    throw scope.signal?.aborted === true ? scope.signal.reason : error;
  } finally {
    scope.signal?.removeEventListener("abort", cancel);
  }
}

function toCallError(cause: ServiceError, target: string, path: string): CallError {
  return new CallError({ method: describeMethod(path), target, cause });
}
