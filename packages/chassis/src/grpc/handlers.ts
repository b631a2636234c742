/** From functions that return results to gRPC handlers: refusals become statuses, surprises become INTERNAL. */
import type {
  handleServerStreamingCall,
  handleUnaryCall,
  sendUnaryData,
  ServerWritableStream,
} from "@grpc/grpc-js";
import { refusalToStatus } from "@mira/api";
import { invariant, type Result } from "@mira/primitives";
import { failureToStatus } from "./failure.ts";
import { findCall, type CallContext } from "./call-context.ts";

export type UnaryHandler<Request, Response> = (
  request: Request,
  call: CallContext,
) => Result<Response> | Promise<Result<Response>>;
export type StreamHandler<Request, Response> = (
  request: Request,
  call: CallContext,
) => AsyncIterable<Response>;

/** Refuses by returning a refusal. */
export function unary<Request, Response>(
  handler: UnaryHandler<Request, Response>,
): handleUnaryCall<Request, Response> {
  return ({ request }, callback) => void answer(handler, request, callback);
}

/**
 * Refuses by throwing RefusalError. Messages are taken from the iterable only as fast as the caller reads them. When the
 * call ends the iterable is told through `call.signal`, and is not waited for.
 */
export function serverStream<Request, Response>(
  handler: StreamHandler<Request, Response>,
): handleServerStreamingCall<Request, Response> {
  return (stream) => void pour(handler, stream);
}

async function answer<Request, Response>(
  handler: UnaryHandler<Request, Response>,
  request: Request,
  callback: sendUnaryData<Response>,
): Promise<void> {
  const call = getCall();
  try {
    const result = await handler(request, call);
    if (result.ok) callback(null, result.value);
    else callback(refusalToStatus(result));
  } catch (error) {
    callback(failureToStatus(error, call));
  }
}

async function pour<Request, Response>(
  handler: StreamHandler<Request, Response>,
  stream: ServerWritableStream<Request, Response>,
): Promise<void> {
  const call = getCall();
  const ended = createInterruption(call.signal);
  try {
    const iterator = handler(stream.request, call)[Symbol.asyncIterator]();
    try {
      for (;;) {
        const step = await ended.orElse(iterator.next());
        if (step.done === true) break;
        if (!stream.write(step.value)) await ended.orElse(nextDrain(stream));
      }
    } finally {
      void Promise.resolve(iterator.return?.()).catch((error: unknown) =>
        call.logger.warn({ error, method: call.method }, "a stream's source did not end cleanly"),
      );
    }
    stream.end();
  } catch (error) {
    stream.emit("error", failureToStatus(error, call));
  } finally {
    ended.stop();
  }
}

function getCall(): CallContext {
  const call = findCall();
  invariant(call !== undefined, "handlers made with unary() and serverStream() need startGrpcServer");
  return call;
}

type Interruption = {
  /** What `promise` comes to; rejects with the reason when the signal aborts first. One at a time. */
  readonly orElse: <T>(promise: Promise<T>) => Promise<T>;
  readonly stop: () => void;
};

/** Not Promise.race with one promise for the whole call: that one would keep every message of a stream until the call ends. */
function createInterruption(signal: AbortSignal): Interruption {
  let interrupt: ((reason: Error) => void) | undefined;
  const abort = (): void => interrupt?.(signal.reason as Error);
  signal.addEventListener("abort", abort, { once: true });
  return {
    async orElse<T>(promise: Promise<T>): Promise<T> {
      const { promise: first, resolve, reject } = Promise.withResolvers<T>();
      interrupt = reject;
      promise.then(resolve, reject);
      if (signal.aborted) abort();
      return first;
    },
    stop: () => signal.removeEventListener("abort", abort),
  };
}

async function nextDrain(stream: ServerWritableStream<unknown, unknown>): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<undefined>();
  stream.once("drain", () => resolve(undefined));
  await promise;
}
