/** A call that failed without a refusal: the network, a deadline, a bug on the other side. */
import { status as Status, type ServiceError } from "@grpc/grpc-js";
import { nameStatus } from "../telemetry/grpc-attributes.ts";

export class CallError extends Error {
  /** Canonical status number. */
  readonly code: Status;
  readonly method: string;
  readonly target: string;

  constructor(options: { readonly method: string; readonly target: string; readonly cause: ServiceError }) {
    const { method, target, cause } = options;
    super(`${method} at ${target}: ${nameStatus(cause.code)}: ${cause.details}`, { cause });
    this.name = "CallError";
    this.code = cause.code;
    this.method = method;
    this.target = target;
  }

  /** Nobody answered, or not in time: asking again, later, may help. */
  get isUnavailable(): boolean {
    return this.code === Status.UNAVAILABLE || this.code === Status.DEADLINE_EXCEEDED;
  }
}
