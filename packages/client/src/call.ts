/** Promise-typed gRPC calls: a refusal comes back as a value, a broken network is thrown with its cause. */
import {
  Client,
  credentials,
  Metadata,
  status,
  type CallOptions,
  type ChannelOptions,
  type MethodDefinition,
  type ServiceError,
} from "@grpc/grpc-js";
import { statusToRefusal } from "@mira/api";
import { RefusalError, succeed, type Result } from "@mira/primitives";
import { context, propagation, SpanKind, SpanStatusCode, trace, type Span } from "@opentelemetry/api";

const MESSAGE_BYTES_MAX = 8 * 1024 * 1024;
/** A channel that nothing crosses for this long asks whether the other side is still there. */
const KEEPALIVE_MS = 30_000;
const DEADLINE_MS_DEFAULT = 10_000;

const CHANNEL_OPTIONS: ChannelOptions = {
  "grpc.max_receive_message_length": MESSAGE_BYTES_MAX,
  "grpc.max_send_message_length": MESSAGE_BYTES_MAX,
  "grpc.keepalive_time_ms": KEEPALIVE_MS,
  "grpc.initial_reconnect_backoff_ms": 100,
  "grpc.max_reconnect_backoff_ms": 2_000,
};

export type CallSettings = {
  /** Milliseconds until the call is given up; 10 s unless told. Streams have none unless told. */
  readonly deadlineMs?: number;
  readonly signal?: AbortSignal;
};

/** The call did not end in an answer: the network, a deadline, or a bug on the other side. */
export class CallError extends Error {
  /** Canonical gRPC status, e.g. `UNAVAILABLE`. */
  readonly status: string;

  constructor(method: string, error: ServiceError) {
    super(`${method}: ${status[error.code]}: ${error.details}`, { cause: error });
    this.name = "CallError";
    this.status = status[error.code];
  }
}

export function openChannel(target: string): Client {
  return new Client(target, credentials.createInsecure(), CHANNEL_OPTIONS);
}

/** Calls a unary method by its definition, e.g. `callUnary(channel, settlement.SettlementServiceService.getStatus, {})`. */
export async function callUnary<Request, Response>(
  channel: Client,
  method: MethodDefinition<Request, Response>,
  request: Request,
  settings: CallSettings = {},
): Promise<Result<Response>> {
  const span = startSpan(method.path);
  try {
    const result = await sendUnary(channel, method, { request, settings, metadata: toMetadata(span) });
    span.setAttribute("rpc.response.status_code", result.ok ? "OK" : result.code);
    return result;
  } catch (error) {
    span.setStatus({
      code: SpanStatusCode.ERROR,
      message: error instanceof Error ? error.message : "failed",
    });
    throw error;
  } finally {
    span.end();
  }
}

type Sending<Request> = {
  readonly request: Request;
  readonly settings: CallSettings;
  readonly metadata: Metadata;
};

function sendUnary<Request, Response>(
  channel: Client,
  { path, requestSerialize, responseDeserialize }: MethodDefinition<Request, Response>,
  { request, settings: { deadlineMs = DEADLINE_MS_DEFAULT, signal }, metadata }: Sending<Request>,
): Promise<Result<Response>> {
  return new Promise((resolve, reject) => {
    const options: CallOptions = { deadline: Date.now() + deadlineMs };
    const call = channel.makeUnaryRequest(
      path,
      requestSerialize,
      responseDeserialize,
      request,
      metadata,
      options,
      (error, response) => {
        signal?.removeEventListener("abort", cancel);
        const refusal = error === null ? undefined : statusToRefusal(error);
        if (refusal !== undefined) resolve(refusal);
        else if (error !== null) reject(new CallError(path, error));
        else if (response !== undefined) resolve(succeed(response));
        else reject(new TypeError(`${path}: an answer without a message`));
      },
    );
    const cancel = (): void => call.cancel();
    if (signal?.aborted === true) cancel();
    signal?.addEventListener("abort", cancel, { once: true });
  });
}

/** Opens a server stream. It ends when the signal aborts; a refusal is thrown as RefusalError, any other error as CallError. */
export async function* callStream<Request, Response>(
  channel: Client,
  { path, requestSerialize, responseDeserialize }: MethodDefinition<Request, Response>,
  request: Request,
  { deadlineMs, signal }: CallSettings = {},
): AsyncGenerator<Response, void, void> {
  const options: CallOptions = deadlineMs === undefined ? {} : { deadline: Date.now() + deadlineMs };
  const stream = channel.makeServerStreamRequest(
    path,
    requestSerialize,
    responseDeserialize,
    request,
    new Metadata(),
    options,
  );
  // Without a listener an error that comes after the loop was left would end the process.
  stream.on("error", () => undefined);
  const cancel = (): void => stream.cancel();
  if (signal?.aborted === true) cancel();
  signal?.addEventListener("abort", cancel, { once: true });
  try {
    yield* stream as AsyncIterable<Response>;
  } catch (error) {
    if (signal?.aborted !== true) throw toThrown(path, error);
  } finally {
    signal?.removeEventListener("abort", cancel);
    stream.cancel();
  }
}

/** A no-op unless the program that uses the SDK has started OpenTelemetry. */
function startSpan(path: string): Span {
  const method = path.slice(1);
  return trace.getTracer("@mira/client").startSpan(method, {
    kind: SpanKind.CLIENT,
    attributes: { "rpc.system.name": "grpc", "rpc.method": method },
  });
}

function toMetadata(span: Span): Metadata {
  const carrier: Record<string, string> = {};
  propagation.inject(trace.setSpan(context.active(), span), carrier);
  const metadata = new Metadata();
  for (const [name, value] of Object.entries(carrier)) metadata.set(name, value);
  return metadata;
}

function toThrown(path: string, error: unknown): unknown {
  if (!isServiceError(error)) return error;
  const refusal = statusToRefusal(error);
  return refusal === undefined ? new CallError(path, error) : new RefusalError(refusal, { cause: error });
}

function isServiceError(error: unknown): error is ServiceError {
  return error instanceof Error && "code" in error && "details" in error;
}
