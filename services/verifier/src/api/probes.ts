/** Probes: their author signs what is imported; nobody is ever told which claims they are. */
import { randomBytes } from "node:crypto";
import { verifier } from "@mira/api";
import {
  bytesEqual,
  describeProbeImport,
  encodeBase58,
  encodeUtf8,
  refuse,
  sha256,
  succeed,
  verifyIntent,
  type Intent,
  type ProbeClaim,
  type Result,
} from "@mira/primitives";
import { decideProbes } from "../domain/probe-set.ts";
import type { Clock, ProbeList, ProbeStreams } from "../ports.ts";

export type ProbeApiDependencies = {
  readonly networkId: string;
  readonly clock: Clock;
  readonly probes: ProbeStreams;
  readonly probeList: ProbeList;
  /** Keys in base58. */
  readonly probeAuthors: readonly string[];
};

const PROBES_MAX = 1_000;
const CLAIM_CHARS_MAX = 1_000;
const SETS_MAX = 500;

export async function importProbes(
  dependencies: ProbeApiDependencies,
  request: verifier.ImportProbesRequest,
): Promise<Result<verifier.ImportProbesResponse>> {
  const { clock, probes, probeList } = dependencies;
  const read = readProbes(request.probes);
  if (!read.ok) return read;
  const intent = authorize(dependencies, request, read.value);
  if (!intent.ok) return intent;
  // The same signed import is the same set, however often it arrives.
  const setId = encodeBase58(
    sha256(encodeUtf8("mira:probe-set:v1"), request.intent?.intent ?? new Uint8Array()),
  );
  const { state: earlier } = await probes.load(setId);
  if (earlier.setId === "") {
    const [known] = await probeList.findByClaims(read.value.map(({ claim }) => claim));
    if (known !== undefined)
      return refuse("PROBE_INVALID", "a claim is a probe already", {
        line: read.value.findIndex(({ claim }) => claim === known.claim) + 1,
      });
  }
  const salted = read.value.map((probe, index) => ({
    ...probe,
    probeId: `${setId}.${index}`,
    salt: randomBytes(32),
  }));
  const command = { type: "import", setId, probes: salted, at: clock.now() } as const;
  const handled = await probes.handle(setId, (state) => decideProbes(command, state));
  if (!handled.ok) return handled;
  const set = (await probeList.listSets(SETS_MAX)).find((one) => one.setId === setId);
  return set === undefined
    ? refuse("NOT_FOUND", "the probes are imported and not yet readable", { setId })
    : succeed({ set });
}

export async function listProbeSets({
  probeList,
}: ProbeApiDependencies): Promise<Result<verifier.ListProbeSetsResponse>> {
  return succeed({ sets: [...(await probeList.listSets(SETS_MAX))] });
}

function readProbes(messages: readonly verifier.ProbeClaim[]): Result<readonly ProbeClaim[]> {
  if (messages.length === 0 || messages.length > PROBES_MAX)
    return refuse("REQUEST_INVALID", "an import has 1 to 1,000 probes", {
      field: "probes",
      neededMax: PROBES_MAX,
      got: messages.length,
    });
  const seen = new Set<string>();
  const probes: ProbeClaim[] = [];
  for (const [index, { claim, truth, domain }] of messages.entries()) {
    const problem = findProblem({ claim, truth, domain }, seen);
    if (problem !== undefined) return refuse("PROBE_INVALID", problem, { line: index + 1 });
    seen.add(claim);
    probes.push({ claim, domain, truth: truth === verifier.Verdict.SUPPORTED ? "supported" : "refuted" });
  }
  return succeed(probes);
}

function findProblem(
  { claim, truth, domain }: verifier.ProbeClaim,
  seen: ReadonlySet<string>,
): string | undefined {
  if (claim.trim() !== claim || claim === "" || claim.length > CLAIM_CHARS_MAX || claim.includes("\n"))
    return `a claim is one line of at most ${CLAIM_CHARS_MAX} characters, without blanks around it`;
  if (seen.has(claim)) return "a claim is there twice";
  if (truth !== verifier.Verdict.SUPPORTED && truth !== verifier.Verdict.REFUTED)
    return "a truth is supported or refuted";
  return /^[\w.-]{1,64}$/.test(domain) ? undefined : "a domain is a word of letters, digits, _ . -";
}

function authorize(
  { networkId, clock, probeAuthors }: ProbeApiDependencies,
  { intent: signed }: verifier.ImportProbesRequest,
  probes: readonly ProbeClaim[],
): Result<Intent> {
  if (signed === undefined)
    return refuse("REQUEST_INVALID", "the request has no intent", { field: "intent" });
  const intent = verifyIntent(signed, { networkId, purpose: "probes.import", now: clock.now() });
  if (!intent.ok) return intent;
  const author = encodeBase58(signed.publicKey);
  if (!bytesEqual(intent.value.account, signed.publicKey) || !probeAuthors.includes(author))
    return refuse("PROBES_FORBIDDEN", "the signer is not one of the network's probe authors", { author });
  return JSON.stringify(intent.value.fields) === JSON.stringify(describeProbeImport(probes))
    ? intent
    : refuse("REQUEST_INVALID", "the intent is about other probes", { field: "intent" });
}
