/** What can go wrong between a service and NATS, told apart by what the caller can do about it. */

/** No server answered in time. Trying again later may help. */
export class MessagingUnavailable extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "MessagingUnavailable";
  }
}

/** The server lacks what Mira builds on. */
export class ServerTooOld extends Error {
  constructor(version: string, versionMin: string) {
    super(`needed nats-server ${versionMin} or later, got ${version}`);
    this.name = "ServerTooOld";
  }
}

export type Difference = { readonly field: string; readonly declared: unknown; readonly found: unknown };

/** A stream or consumer exists with properties that cannot be changed to the declared ones. An operator decides. */
export class DeclarationMismatch extends Error {
  readonly kind: "stream" | "consumer";
  readonly subject: string;
  readonly differences: readonly Difference[];

  constructor(
    kind: "stream" | "consumer",
    subject: string,
    differences: readonly Difference[],
    options?: ErrorOptions,
  ) {
    const listed = differences.map(
      ({ field, declared, found }) =>
        `${field}: declared ${JSON.stringify(declared)}, found ${JSON.stringify(found)}`,
    );
    super(`the ${kind} ${subject} exists and cannot be changed (${listed.join("; ")})`, options);
    this.name = "DeclarationMismatch";
    this.kind = kind;
    this.subject = subject;
    this.differences = differences;
  }
}

/** A consumer is used that this process has not declared. A bug. */
export class ConsumerNotDeclared extends Error {
  constructor(stream: string, durable: string) {
    super(`the consumer ${durable} of ${stream} is not declared in this process`);
    this.name = "ConsumerNotDeclared";
  }
}

/** Publication was given up. Whether the message was stored is not known: publish it again with the same id. */
export class PublishFailed extends Error {
  /** How many of the messages before it are acknowledged. */
  readonly acknowledged: number;
  /** True when no stream takes the subject. */
  readonly streamIsMissing: boolean;

  constructor(
    message: string,
    details: { readonly acknowledged: number; readonly streamIsMissing: boolean; readonly cause: unknown },
  ) {
    super(message, { cause: details.cause });
    this.name = "PublishFailed";
    this.acknowledged = details.acknowledged;
    this.streamIsMissing = details.streamIsMissing;
  }
}
