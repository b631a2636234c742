/** A decomposer with a language model behind it: what the model offers is checked against the response, and the rules stay the floor. */
import { succeed } from "@mira/primitives";
import { decomposeByRules, joinSentences } from "../../response/decompose.ts";
import type { DecomposedResponse, DecomposerRun } from "../../types.ts";
import type { ChatModel, Decomposer } from "../port.ts";
import { listAskable, type Askable } from "./askable.ts";
import { writeRequest } from "./prompt.ts";
import { readReply, type Proposal } from "./read-reply.ts";
import { takeProposal, type Taken } from "./take-proposal.ts";

export type ModelDecomposerOptions = {
  readonly model: ChatModel;
  /** As the model is asked for by its server; said with the claims. */
  readonly name?: string;
  /** Unguessable, and another for each call; it marks where the data begins and ends. */
  readonly createNonce?: () => string;
  /** Sentences beyond are left to the rules. */
  readonly callsMax?: number;
  /** For the whole response. What has not been answered by then, the rules answer. */
  readonly timeMsMax?: number;
};

/** A call takes so many sentences: few enough for a small model's context, many enough not to pay the instructions each time. */
const SENTENCES_PER_CALL = 12;
const CALLS_MAX = 40;
/** An endpoint that failed so often in a row is not asked again for this response. */
const FAILURES_MAX = 3;
const TIME_MS_MAX = 60_000;

export function createModelDecomposer(options: ModelDecomposerOptions): Decomposer {
  return async (response, signal) => {
    signal.throwIfAborted();
    const floor = decomposeByRules(response);
    if (!floor.ok) return floor;
    const askable = listAskable(floor.value.sentences);
    const asked = await askAll(askable, floor.value, options, signal);
    return succeed(build(response, floor.value, askable, asked, options.name ?? "a model"));
  };
}

type Asked = {
  readonly proposals: ReadonlyMap<number, Proposal>;
  /** Why the model last said nothing that could be read. */
  readonly failure: string | undefined;
};

async function askAll(
  askable: readonly Askable[],
  { sentences }: DecomposedResponse,
  options: ModelDecomposerOptions,
  signal: AbortSignal,
): Promise<Asked> {
  const { model, callsMax = CALLS_MAX, createNonce = () => globalThis.crypto.randomUUID() } = options;
  const deadline = AbortSignal.timeout(options.timeMsMax ?? TIME_MS_MAX);
  const within = AbortSignal.any([signal, deadline]);
  const proposals = new Map<number, Proposal>();
  let [failures, failure]: [number, string | undefined] = [0, undefined];
  for (let call = 0; call < callsMax && failures < FAILURES_MAX; call++) {
    const batch = askable.slice(call * SENTENCES_PER_CALL, (call + 1) * SENTENCES_PER_CALL);
    const [first] = batch;
    if (first === undefined) break;
    const before = first.window.slice(1).map((index) => sentences[index]?.text ?? "");
    const asked = batch.map(({ index, text }) => ({ id: index, text }));
    const request = writeRequest(asked, before, { nonce: createNonce(), signal: within });
    const answer = deadline.aborted ? { failure: TIMED_OUT } : await complete(model, request);
    signal.throwIfAborted();
    const read = "text" in answer ? readReply(answer.text) : new Map<number, Proposal>();
    failures = read.size === 0 ? failures + 1 : 0;
    if (read.size === 0) failure = "text" in answer ? "its answer could not be read" : answer.failure;
    for (const { index } of batch) {
      const proposal = read.get(index);
      if (proposal !== undefined) proposals.set(index, proposal);
    }
  }
  return { proposals, failure };
}

/** A model that refuses or breaks down is a model that said nothing. */
async function complete(
  model: ChatModel,
  request: Parameters<ChatModel["complete"]>[0],
): Promise<{ readonly text: string } | { readonly failure: string }> {
  try {
    const answer = await model.complete(request);
    return answer.ok ? answer.value : { failure: answer.code };
  } catch {
    return { failure: request.signal.aborted ? TIMED_OUT : "it broke down" };
  }
}

const TIMED_OUT = "its time was over";

function build(
  response: string,
  floor: DecomposedResponse,
  askable: readonly Askable[],
  { proposals, failure }: Asked,
  name: string,
): DecomposedResponse {
  const places = new Map(askable.map((one) => [one.index, one]));
  const taken: Taken[] = [];
  let first = 0;
  for (const [index, sentence] of floor.sentences.entries()) {
    const proposal = proposals.get(index);
    const place = places.get(index);
    const one = takeProposal({ response, floor, sentence, index, first, proposal, place });
    taken.push(one);
    first += one.claims.length;
  }
  const sentences = taken.map(({ sentence }) => sentence);
  return {
    sentences,
    claims: taken.flatMap(({ claims }) => claims),
    structure: joinSentences(sentences),
    dropped: taken.flatMap(({ dropped }) => dropped),
    decomposer: describeRun(taken.filter(({ isOffered }) => isOffered).length, taken.length, failure, name),
  };
}

/** Where nothing that the model offered was taken, the rules made the claims, and are named. */
function describeRun(
  offered: number,
  sentences: number,
  failure: string | undefined,
  name: string,
): DecomposerRun {
  const failed = failure === undefined ? "" : `; the model failed: ${failure}`;
  return {
    id: offered === 0 ? "rules@1" : "model@1",
    model: name,
    note: `${offered} of ${sentences} sentences as the model offered, the others by the rules${failed}`,
  };
}
