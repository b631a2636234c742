/** Exit codes of `mira`, the same for every command; `mira --help` lists them. */
export const EXIT = {
  ok: 0,
  failed: 1,
  usage: 2,
  refused: 3,
  notFound: 4,
  unreachable: 5,
  proofInvalid: 6,
  interrupted: 130,
} as const;

export const EXIT_HELP = `
Exit codes:
  0 done   1 failed   2 wrong usage   3 refused (the code is printed)   4 not found
  5 network or service not reachable   6 a proof, certificate or log does not verify   130 interrupted`;
