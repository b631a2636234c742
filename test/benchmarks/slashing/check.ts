/** One bar of a benchmark: what was measured against what it may be. */
export type Check = {
  readonly what: string;
  readonly got: number;
  readonly atMost?: number;
  readonly atLeast?: number;
  readonly isMet: boolean;
};

export function checkAtMost(what: string, got: number, atMost: number): Check {
  return { what, got, atMost, isMet: got <= atMost };
}

export function checkAtLeast(what: string, got: number, atLeast: number): Check {
  return { what, got, atLeast, isMet: got >= atLeast };
}
