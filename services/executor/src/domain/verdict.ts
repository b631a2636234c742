/** What a re-executor says about one settled batch. Unable is never an answer: it keeps the batch from finality, as it should. */
export type Verdict =
  | { readonly answer: "agree"; readonly resultHash: Uint8Array; readonly reason: string }
  | { readonly answer: "disagree"; readonly resultHash: Uint8Array; readonly reason: string }
  | { readonly answer: "unable"; readonly resultHash: Uint8Array; readonly reason: string };

const NO_HASH = new Uint8Array(0);

/** Something is missing: state, bytes, a runtime. */
export function unable(reason: string): Verdict {
  return { answer: "unable", resultHash: NO_HASH, reason };
}

export function disagree(reason: string, resultHash: Uint8Array = NO_HASH): Verdict {
  return { answer: "disagree", resultHash, reason };
}

export function agree(resultHash: Uint8Array, imposedNoOps: number): Verdict {
  const reason = imposedNoOps === 0 ? "" : `${imposedNoOps} no-ops were taken as given`;
  return { answer: "agree", resultHash, reason };
}
