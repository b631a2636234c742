/** No way of getting a nats-server worked: says what was tried, and exactly what to do. */
export type FailedAttempt = { readonly how: string; readonly reason: string };

export class NatsServerMissing extends Error {
  readonly attempts: readonly FailedAttempt[];

  constructor(attempts: readonly FailedAttempt[]) {
    super(describe(attempts));
    this.name = "NatsServerMissing";
    this.attempts = attempts;
  }
}

function describe(attempts: readonly FailedAttempt[]): string {
  return [
    "No nats-server was found and none could be fetched. Do one of these, then start again:",
    "  - install it (https://docs.nats.io/running-a-nats-service/introduction/installation) so that it is on PATH;",
    "  - or set MIRA_NATS_SERVER to the path of a nats-server binary, version 2.9 or later;",
    "  - or install Go, and let Mira build it.",
    "Tried:",
    ...attempts.map(({ how, reason }) => `  - ${how}: ${reason.split("\n").at(-1) ?? reason}`),
  ].join("\n");
}
