/** Server streams as async iterables, and streams that go on where they broke off. */
import { Metadata, status as Status, type CallOptions, type ServiceError } from "@grpc/grpc-js";
import { statusToRefusal } from "@mira/api";
import { delay, RefusalError } from "@mira/primitives";
import { describeMethod } from "../telemetry/grpc-attributes.ts";
import { CallError } from "./call-error.ts";
import { openCallScope } from "./call-scope.ts";
import type { CallSettings, GrpcClient } from "./client.ts";
import { computeBackoff, isRetryableRefusal } from "./retry.ts";
import {
  getMethod,
  type MethodsOf,
  type RequestOf,
  type ResponseOf,
  type StreamMethod,
} from "./service-types.ts";

/**
 * Opens the stream when iteration begins, reads as fast as it is iterated, cancels it when the loop is left. Throws
 * RefusalError, CallError or the signal's reason. Has no deadline unless one is given.
 */
export async function* stream<Service extends MethodsOf<Service>, Method extends StreamMethod<Service>>(
  client: GrpcClient<Service>,
  method: Method,
  request: RequestOf<Service, Method>,
  settings: CallSettings = {},
): AsyncGenerator<ResponseOf<Service, Method>, void, undefined> {
  const definition = getMethod(client.service, method);
  const scope = openCallScope(settings.deadlineMs ?? Infinity, settings.signal);
  scope.signal?.throwIfAborted();
  const options: CallOptions = { deadline: scope.deadlineAt };
  const readable = client.channel.makeServerStreamRequest<
    RequestOf<Service, Method>,
    ResponseOf<Service, Method>
  >(
    definition.path,
    definition.requestSerialize,
    definition.responseDeserialize,
    request,
    settings.metadata?.clone() ?? new Metadata(),
    options,
  );
  // Without a listener an error that comes after the loop was left would end the process.
  readable.on("error", () => undefined);
  const cancel = () => readable.cancel();
  scope.signal?.addEventListener("abort", cancel, { once: true });
  try {
    yield* readable as AsyncIterable<ResponseOf<Service, Method>>;
  } catch (error) {
    if (scope.signal?.aborted === true) throw scope.signal.reason;
    throw toThrown(error, describeMethod(definition.path), client.target);
  } finally {
    scope.signal?.removeEventListener("abort", cancel);
    scope.close();
    readable.cancel();
  }
}

function toThrown(error: unknown, method: string, target: string): unknown {
  if (!isServiceError(error)) return error;
  const refusal = statusToRefusal(error);
  if (refusal !== undefined) return new RefusalError(refusal, { cause: error });
  return new CallError({ method, target, cause: error });
}

function isServiceError(error: unknown): error is ServiceError {
  return error instanceof Error && "code" in error && "details" in error && "metadata" in error;
}

export type ResumeOptions<T, Cursor> = {
  /** Opens the stream after `cursor`; undefined until a message has brought one. */
  readonly open: (cursor: Cursor | undefined) => AsyncIterable<T>;
  /** Where to go on after this message; undefined for messages that move nothing, such as keep-alives. */
  readonly cursorOf: (message: T) => Cursor | undefined;
  readonly from?: Cursor;
  readonly signal: AbortSignal;
  /** Told of every interruption, with the number of attempts that brought no message. */
  readonly onInterrupted?: (error: unknown, attempts: number) => void;
  /** Attempts in a row without a message before the error is thrown. Default: until the signal aborts. */
  readonly attemptsMax?: number;
};

const RESUME_BACKOFF_BASE_MS = 100;
const RESUME_BACKOFF_MAX_MS = 5000;

/**
 * Yields the messages of one stream across interruptions, each once: it goes on after the last message that the loop
 * asked to follow. Ends when the server ends the stream or the signal aborts.
 */
export async function* resumeStream<T, Cursor>(
  options: ResumeOptions<T, Cursor>,
): AsyncGenerator<T, void, undefined> {
  const { signal, attemptsMax = Infinity } = options;
  let cursor = options.from;
  let attempts = 0;
  while (!signal.aborted) {
    try {
      for await (const message of options.open(cursor)) {
        attempts = 0;
        yield message;
        cursor = options.cursorOf(message) ?? cursor;
      }
      return;
    } catch (error) {
      if (error === signal.reason) return;
      attempts++;
      if (!isInterruption(error) || attempts >= attemptsMax) throw error;
      options.onInterrupted?.(error, attempts);
      await delay(computeBackoff(attempts, RESUME_BACKOFF_BASE_MS, RESUME_BACKOFF_MAX_MS), signal);
    }
  }
}

const INTERRUPTIONS: ReadonlySet<Status> = new Set([
  Status.UNAVAILABLE,
  Status.DEADLINE_EXCEEDED,
  Status.CANCELLED,
  Status.INTERNAL,
  Status.UNKNOWN,
]);

/** Connections that break show as UNAVAILABLE, INTERNAL, UNKNOWN or CANCELLED, by what HTTP/2 frame came last. */
function isInterruption(error: unknown): boolean {
  if (error instanceof RefusalError) return isRetryableRefusal(error.refusal.code);
  return error instanceof CallError && INTERRUPTIONS.has(error.code);
}
