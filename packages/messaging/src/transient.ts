/** Tells trouble with the infrastructure, which passes, from trouble with the message, which does not. */

const SYSTEM_CODES = new Set([
  "ECONNREFUSED",
  "ECONNRESET",
  "EPIPE",
  "ETIMEDOUT",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "EAI_AGAIN",
]);
/** SQLSTATE classes: connection, insufficient resources, operator intervention; and the two conflicts that a retry resolves. */
const SQL_STATES = /^(08...|53...|57P0[1-3]|40001|40P01)$/;
const NAMES = new Set([
  "JetStreamNotEnabled",
  "MessagingUnavailable",
  "PublishFailed",
  "TimeoutError",
  "ConnectionError",
  "ClosedConnectionError",
]);
const MESSAGES =
  /Connection terminated|timeout exceeded when trying to connect|Client has encountered a connection error/;
const CAUSES_MAX = 8;

/** Walks the causes: a shell may have wrapped the error it could not judge. */
export function isTransient(error: unknown): boolean {
  let current = error;
  for (let depth = 0; depth < CAUSES_MAX && current instanceof Error; depth += 1) {
    if (isTransientItself(current)) return true;
    current = current.cause;
  }
  return false;
}

function isTransientItself(error: Error & { readonly code?: unknown }): boolean {
  const code = typeof error.code === "string" ? error.code : "";
  return (
    SYSTEM_CODES.has(code) || SQL_STATES.test(code) || NAMES.has(error.name) || MESSAGES.test(error.message)
  );
}
