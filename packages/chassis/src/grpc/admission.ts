/** Lets calls in: bounded numbers of them, none while draining, each with a deadline and a context. */
import {
  ServerInterceptingCall,
  status as Status,
  type ServerInterceptor,
  type ServerInterceptingCallInterface,
} from "@grpc/grpc-js";
import { refusalToStatus } from "@mira/api";
import { refuse, type Refusal } from "@mira/primitives";
import type { Logger } from "../service/logger.ts";
import { describeMethod } from "../telemetry/grpc-attributes.ts";
import { OpenCall, runInCall } from "./call-context.ts";
import { EMPTY_METADATA } from "./limits.ts";

const RETRY_AFTER_MS = 100;

export type AdmissionOptions = {
  readonly logger: Logger;
  /** Given to unary calls that come without one. */
  readonly defaultDeadlineMs: number;
  readonly unaryCallsMax: number;
  readonly streamsMax: number;
};

export class Admission {
  readonly #options: AdmissionOptions;
  readonly #unary = new Set<OpenCall>();
  readonly #streams = new Set<OpenCall>();
  /** Open streams of health and reflection: their handlers know nothing of draining. */
  readonly #foreign = new Set<ServerInterceptingCallInterface>();
  #draining = false;

  constructor(options: AdmissionOptions) {
    this.#options = options;
  }

  /** From now on every new call is refused, and open streams end with DRAINING; unary calls are finished. */
  drain(): void {
    this.#draining = true;
    for (const call of this.#streams) call.end("draining");
    for (const call of this.#foreign) call.sendStatus(refusalToStatus(createDrainingRefusal()));
  }

  /** Ends what is left. */
  cancel(): void {
    for (const call of [...this.#unary, ...this.#streams]) call.end("draining");
  }

  readonly intercept: ServerInterceptor = (definition, call) => {
    // Health and reflection must answer exactly when the service is in trouble.
    if (definition.path.startsWith("/grpc.")) return this.#track(call);
    const isStream = definition.requestStream || definition.responseStream;
    const refusal = this.#refuse(isStream);
    if (refusal !== undefined) return refuseCall(call, refusal);
    return this.#admit(describeMethod(definition.path), call, isStream);
  };

  #track(call: ServerInterceptingCallInterface): ServerInterceptingCall {
    this.#foreign.add(call);
    return new ServerInterceptingCall(call, {
      start: (next) => next({ onCancel: () => void this.#foreign.delete(call) }),
    });
  }

  #refuse(isStream: boolean): Refusal | undefined {
    if (this.#draining) return createDrainingRefusal();
    const open = isStream ? this.#streams.size : this.#unary.size;
    const max = isStream ? this.#options.streamsMax : this.#options.unaryCallsMax;
    if (open < max) return undefined;
    return refuse("OVERLOADED", `${open} calls are open, which is the limit`, {
      open,
      max,
      retryAfterMs: RETRY_AFTER_MS,
    });
  }

  #admit(method: string, call: ServerInterceptingCallInterface, isStream: boolean): ServerInterceptingCall {
    const { logger, defaultDeadlineMs } = this.#options;
    const given = Number(call.getDeadline());
    const needsDeadline = given === Infinity && !isStream;
    const deadlineAt = needsDeadline ? Date.now() + defaultDeadlineMs : given;
    const open = new OpenCall({ method, deadlineAt, peer: call.getPeer(), logger, metadata: EMPTY_METADATA });
    const calls = isStream ? this.#streams : this.#unary;
    calls.add(open);
    // A deadline that the caller gave is kept by grpc-js.
    const timer = needsDeadline ? setTimeout(expire, defaultDeadlineMs, open, call) : undefined;
    return new ServerInterceptingCall(call, {
      start: (next) =>
        next({
          onReceiveMetadata: (metadata, forward) => {
            open.metadata = metadata;
            runInCall(open, () => forward(metadata));
          },
          onReceiveHalfClose: (forward) => runInCall(open, forward),
          // Follows every end of a call, also the good one.
          onCancel: () => {
            clearTimeout(timer);
            calls.delete(open);
            open.end(open.deadlineAt <= Date.now() ? "deadline" : "cancelled");
          },
        }),
    });
  }
}

export function createDrainingRefusal(): Refusal {
  return refuse("DRAINING", "the service is stopping");
}

function expire(open: OpenCall, call: ServerInterceptingCallInterface): void {
  open.end("deadline");
  call.sendStatus({ code: Status.DEADLINE_EXCEEDED, details: "Deadline exceeded", metadata: null });
}

function refuseCall(call: ServerInterceptingCallInterface, refusal: Refusal): ServerInterceptingCall {
  return new ServerInterceptingCall(call, { start: () => call.sendStatus(refusalToStatus(refusal)) });
}
