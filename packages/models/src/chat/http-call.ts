/** One HTTP call to a model's server: a deadline, a cap on the answer's size, no redirects. */

export type HttpAnswer =
  | {
      readonly kind: "answer";
      readonly status: number;
      readonly retryAfter: string | null;
      readonly text: string;
    }
  /** `maybeBilled`: the request had left, and nobody knows how far the server came. */
  | { readonly kind: "failed"; readonly reason: string; readonly maybeBilled: boolean }
  /** Never followed, never tried again: a key sent to another host is a key given away. */
  | { readonly kind: "refused"; readonly reason: string };

export type HttpCall = {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Absent: GET. */
  readonly body?: string;
  readonly timeoutMs: number;
  readonly responseBytesMax: number;
  readonly signal: AbortSignal;
};

/** Throws only when `signal` aborts: then nobody waits for the answer. */
export async function callHttp(call: HttpCall): Promise<HttpAnswer> {
  const timeout = AbortSignal.timeout(call.timeoutMs);
  try {
    const response = await fetch(call.url, {
      method: call.body === undefined ? "GET" : "POST",
      headers: { accept: "application/json", "accept-encoding": "identity", ...call.headers },
      body: call.body ?? null,
      redirect: "manual",
      signal: AbortSignal.any([call.signal, timeout]),
    });
    return await readAnswer(response, call.responseBytesMax);
  } catch (error) {
    call.signal.throwIfAborted();
    const reason = timeout.aborted ? `no whole answer within ${call.timeoutMs} ms` : describe(error);
    return { kind: "failed", reason, maybeBilled: !isNeverSent(error) };
  }
}

async function readAnswer(response: Response, bytesMax: number): Promise<HttpAnswer> {
  const { status } = response;
  if (status >= 300 && status < 400) {
    await response.body?.cancel();
    return { kind: "refused", reason: `the server redirects (${status})` };
  }
  const bytes = await readAtMost(response, bytesMax);
  if (bytes === undefined) return { kind: "refused", reason: `the answer is longer than ${bytesMax} bytes` };
  const text = new TextDecoder().decode(bytes);
  return { kind: "answer", status, retryAfter: response.headers.get("retry-after"), text };
}

/** Undefined when there is more; what is left is not read. */
async function readAtMost(response: Response, bytesMax: number): Promise<Uint8Array | undefined> {
  if (response.body === null) return new Uint8Array();
  const parts: Uint8Array[] = [];
  let length = 0;
  for await (const part of response.body as AsyncIterable<Uint8Array>) {
    length += part.length;
    // Leaving the loop cancels the stream and with it the connection.
    if (length > bytesMax) return undefined;
    parts.push(part);
  }
  return Buffer.concat(parts);
}

/** undici hides the interesting error in the cause. */
function describe(error: unknown): string {
  const cause = error instanceof Error && error.cause !== undefined ? error.cause : error;
  return cause instanceof Error ? `${codeOf(cause)}${cause.message}`.slice(0, 200) : "the connection failed";
}

function codeOf(error: Error): string {
  return "code" in error && typeof error.code === "string" ? `${error.code} ` : "";
}

const NEVER_SENT = new Set(["ECONNREFUSED", "ENOTFOUND", "EAI_AGAIN", "EHOSTUNREACH", "ENETUNREACH"]);

function isNeverSent(error: unknown): boolean {
  const cause: unknown = error instanceof Error ? error.cause : undefined;
  return cause instanceof Error && NEVER_SENT.has(codeOf(cause).trim());
}
