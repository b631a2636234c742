/** What a handler knows of its call, carried through its asynchronous work so that calls made for it inherit the deadline. */
import { AsyncLocalStorage } from "node:async_hooks";
import type { Metadata } from "@grpc/grpc-js";
import type { Logger } from "../service/logger.ts";

export type CallContext = {
  /** `mira.sequencer.v1.SequencerService/SubmitTransaction`. */
  readonly method: string;
  /** Unix milliseconds; Infinity for a stream without one. */
  readonly deadlineAt: number;
  /** Aborts when the caller has gone, the deadline has passed or the server ends its streams. */
  readonly signal: AbortSignal;
  readonly metadata: Metadata;
  readonly peer: string;
  readonly logger: Logger;
};

const storage = new AsyncLocalStorage<CallContext>();

/** The call that the running code works for; undefined in work of the service's own. */
export function findCall(): CallContext | undefined {
  return storage.getStore();
}

export function runInCall<T>(call: CallContext, work: () => T): T {
  return storage.run(call, work);
}

/** For work that outlives the call that happens to start it, such as filling a shared cache. */
export function runDetached<T>(work: () => T): T {
  return storage.exit(work);
}

export type CallEnd = "cancelled" | "deadline" | "draining";

/** A call's end, as the reason of its signal. */
export class CallEnded extends Error {
  readonly reason: CallEnd;

  constructor(reason: CallEnd) {
    super(`the call ended: ${reason}`);
    this.name = "CallEnded";
    this.reason = reason;
  }
}

/** The signal is made when somebody asks for it: most unary calls never do. */
export class OpenCall implements CallContext {
  readonly method: string;
  readonly deadlineAt: number;
  readonly peer: string;
  readonly logger: Logger;
  metadata: Metadata;
  #ended: CallEnded | undefined;
  #controller: AbortController | undefined;

  constructor(fields: Omit<CallContext, "signal">) {
    this.method = fields.method;
    this.deadlineAt = fields.deadlineAt;
    this.metadata = fields.metadata;
    this.peer = fields.peer;
    this.logger = fields.logger;
  }

  get signal(): AbortSignal {
    this.#controller ??= new AbortController();
    if (this.#ended !== undefined) this.#controller.abort(this.#ended);
    return this.#controller.signal;
  }

  end(reason: CallEnd): void {
    if (this.#ended !== undefined) return;
    this.#ended = new CallEnded(reason);
    this.#controller?.abort(this.#ended);
  }
}
