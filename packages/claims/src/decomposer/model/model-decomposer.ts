/** A decomposer with a language model behind it: what the model offers is checked against the response, and the rules stay the floor. */
import { succeed } from "@mira/primitives";
import { decomposeByRules, joinSentences } from "../../response/decompose.ts";
import type { DecomposedResponse } from "../../types.ts";
import type { ChatModel, Decomposer } from "../port.ts";
import { listAskable, type Askable } from "./askable.ts";
import { writeRequest } from "./prompt.ts";
import { readReply, type Proposal } from "./read-reply.ts";
import { takeProposal, type Taken } from "./take-proposal.ts";

export type ModelDecomposerOptions = {
  readonly model: ChatModel;
  /** Unguessable, and another for each call; it marks where the data begins and ends. */
  readonly createNonce?: () => string;
  /** Sentences beyond are left to the rules. */
  readonly callsMax?: number;
};

/** A call takes so many sentences: few enough for a small model's context, many enough not to pay the instructions each time. */
const SENTENCES_PER_CALL = 12;
const CALLS_MAX = 40;
/** An endpoint that failed so often in a row is not asked again for this response. */
const FAILURES_MAX = 3;

export function createModelDecomposer(options: ModelDecomposerOptions): Decomposer {
  return async (response, signal) => {
    signal.throwIfAborted();
    const floor = decomposeByRules(response);
    if (!floor.ok) return floor;
    const askable = listAskable(floor.value.sentences);
    const proposals = await askAll(askable, floor.value, options, signal);
    return succeed(build(response, floor.value, askable, proposals));
  };
}

async function askAll(
  askable: readonly Askable[],
  { sentences }: DecomposedResponse,
  options: ModelDecomposerOptions,
  signal: AbortSignal,
): Promise<ReadonlyMap<number, Proposal>> {
  const { model, callsMax = CALLS_MAX, createNonce = () => globalThis.crypto.randomUUID() } = options;
  const proposals = new Map<number, Proposal>();
  let failures = 0;
  for (let call = 0; call < callsMax && failures < FAILURES_MAX; call++) {
    const batch = askable.slice(call * SENTENCES_PER_CALL, (call + 1) * SENTENCES_PER_CALL);
    const [first] = batch;
    if (first === undefined) break;
    const before = first.window.slice(1).map((index) => sentences[index]?.text ?? "");
    const asked = batch.map(({ index, text }) => ({ id: index, text }));
    const answer = await complete(model, writeRequest(asked, before, { nonce: createNonce(), signal }));
    signal.throwIfAborted();
    const read = answer === undefined ? new Map<number, Proposal>() : readReply(answer);
    failures = read.size === 0 ? failures + 1 : 0;
    for (const { index } of batch) {
      const proposal = read.get(index);
      if (proposal !== undefined) proposals.set(index, proposal);
    }
  }
  return proposals;
}

/** A model that refuses or breaks down is a model that said nothing. */
async function complete(
  model: ChatModel,
  request: Parameters<ChatModel["complete"]>[0],
): Promise<string | undefined> {
  try {
    const answer = await model.complete(request);
    return answer.ok ? answer.value.text : undefined;
  } catch {
    return undefined;
  }
}

function build(
  response: string,
  floor: DecomposedResponse,
  askable: readonly Askable[],
  proposals: ReadonlyMap<number, Proposal>,
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
  };
}
