/** Promise-typed gRPC calls: a refusal comes back as a value, a broken network is thrown with its cause. */
import {
  credentials,
  Metadata,
  status,
  type CallOptions,
  type ChannelOptions,
  type Client,
  type ClientReadableStream,
  type ClientUnaryCall,
  type ServiceError,
} from "@grpc/grpc-js";
import { statusToRefusal } from "@mira/api";
import { succeed, type Result } from "@mira/primitives";

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
  /** Milliseconds until the call is given up; 10 s unless told. */
  readonly deadlineMs?: number;
  readonly signal?: AbortSignal;
  /** Extra request metadata, e.g. a `traceparent`. */
  readonly metadata?: Readonly<Record<string, string>>;
};

type ClientConstructor<C extends Client> = new (
  target: string,
  creds: ReturnType<typeof credentials.createInsecure>,
  options: ChannelOptions,
) => C;
type Callback<Response> = (error: ServiceError | null, response: Response) => void;
type UnaryMethod<Request, Response> = (
  request: Request,
  metadata: Metadata,
  options: Partial<CallOptions>,
  callback: Callback<Response>,
) => ClientUnaryCall;
type StreamMethod<Request, Response> = (
  request: Request,
  metadata: Metadata,
  options: Partial<CallOptions>,
) => ClientReadableStream<Response>;

/** The call did not end in an answer: the network, a deadline, or a bug on the other side. */
export class CallError extends Error {
  readonly status: string;

  constructor(error: ServiceError) {
    super(`${status[error.code]}: ${error.details}`, { cause: error });
    this.name = "CallError";
    this.status = status[error.code];
  }
}

export function openClient<C extends Client>(constructor: ClientConstructor<C>, target: string): C {
  return new constructor(target, credentials.createInsecure(), CHANNEL_OPTIONS);
}

/** Calls a unary method, e.g. `callUnary(client, client.getReceipt, request)`. */
export function callUnary<Request, Response>(
  client: Client,
  method: UnaryMethod<Request, Response>,
  request: Request,
  settings: CallSettings = {},
): Promise<Result<Response>> {
  return new Promise((resolve, reject) => {
    const call = method.call(
      client,
      request,
      toMetadata(settings),
      { deadline: Date.now() + (settings.deadlineMs ?? DEADLINE_MS_DEFAULT) },
      (error, response) => {
        settings.signal?.removeEventListener("abort", cancel);
        if (error === null) { resolve(succeed(response)); return; }
        const refusal = statusToRefusal(error);
        if (refusal === undefined) reject(new CallError(error));
        else resolve(refusal);
      },
    );
    const cancel = (): void => call.cancel();
    settings.signal?.addEventListener("abort", cancel, { once: true });
  });
}

/** Opens a server stream. It ends when the signal aborts; errors other than that are thrown to the iterating caller. */
export async function* callStream<Request, Response>(
  client: Client,
  method: StreamMethod<Request, Response>,
  request: Request,
  settings: CallSettings = {},
): AsyncGenerator<Response, void, void> {
  const options = settings.deadlineMs === undefined ? {} : { deadline: Date.now() + settings.deadlineMs };
  const stream = method.call(client, request, toMetadata(settings), options);
  const cancel = (): void => stream.cancel();
  settings.signal?.addEventListener("abort", cancel, { once: true });
  try {
    for await (const message of stream as AsyncIterable<Response>) yield message;
  } catch (error) {
    if (settings.signal?.aborted !== true) throw isServiceError(error) ? new CallError(error) : error;
  } finally {
    settings.signal?.removeEventListener("abort", cancel);
    stream.cancel();
  }
}

function toMetadata(settings: CallSettings): Metadata {
  const metadata = new Metadata();
  for (const [name, value] of Object.entries(settings.metadata ?? {})) metadata.set(name, value);
  return metadata;
}

function isServiceError(error: unknown): error is ServiceError {
  return error instanceof Error && "code" in error && "details" in error;
}
