/** What every code is registered with. */
export type CanonicalStatus =
  | "INVALID_ARGUMENT"
  | "NOT_FOUND"
  | "ALREADY_EXISTS"
  | "PERMISSION_DENIED"
  | "UNAUTHENTICATED"
  | "RESOURCE_EXHAUSTED"
  | "FAILED_PRECONDITION"
  | "ABORTED"
  | "OUT_OF_RANGE"
  | "UNAVAILABLE"
  | "DEADLINE_EXCEEDED";

export type CodeEntry = {
  readonly status: CanonicalStatus;
  /** What it means, for a reader who meets it in a log. */
  readonly meaning: string;
  /** What to do about it. */
  readonly remedy: string;
};

export type CodeGroup = Readonly<Record<string, CodeEntry>>;
