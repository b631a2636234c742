/** One sentence: the model's claims where all checks hold, what the rules found where they do not. */
import type {
  DecomposedResponse,
  DecomposedSentence,
  DroppedClaim,
  SelfContainedClaim,
  Structure,
} from "../../types.ts";
import type { Span } from "../../response/sentences.ts";
import { alignPieces } from "./align.ts";
import type { Askable } from "./askable.ts";
import { checkClaim, listFigures, listNames } from "./check-claim.ts";
import { CLAIMS_PER_SENTENCE_MAX } from "./prompt.ts";
import type { Proposal } from "./read-reply.ts";

export type Taken = {
  readonly sentence: DecomposedSentence;
  readonly claims: readonly SelfContainedClaim[];
  readonly dropped: readonly DroppedClaim[];
  /** Whether it is what the model offered; otherwise the rules answered. */
  readonly isOffered: boolean;
};

type Offer = {
  readonly response: string;
  readonly floor: DecomposedResponse;
  readonly sentence: DecomposedSentence;
  readonly index: number;
  /** Index that the sentence's first claim gets. */
  readonly first: number;
  readonly proposal: Proposal | undefined;
  readonly place: Askable | undefined;
};

export function takeProposal(offer: Offer): Taken {
  const { proposal, sentence } = offer;
  if (proposal === undefined || offer.place === undefined) return keepFloor(offer, []);
  if (proposal.kind === "ambiguous") return takeAmbiguity(offer, proposal);
  // A sentence that the rules hold for a claim is looked at whatever a model says: silence is what an attacker would ask for.
  if (proposal.kind === "not-checkable") return keepFloor(offer, []);
  const { claims, dropped } = listBorne(offer, proposal);
  const missing = claims.length === 0 ? "no claim was taken" : findMissing(sentence.text, claims);
  if (missing !== undefined) {
    const lost = claims.map(({ text }) => ({
      sentence: offer.index,
      text,
      reason: `its sentence fell back to the rules: ${missing}`,
    }));
    return keepFloor(offer, [...dropped, ...lost]);
  }
  const parts = claims.map((_, at): Structure => ({ kind: "claim", claim: offer.first + at }));
  const isChoice = proposal.join === "any" && /\bor\b/i.test(sentence.text);
  return {
    sentence: {
      ...sentence,
      kind: "claim",
      category: "fact",
      reason: "states something that can be checked",
      structure: { kind: isChoice ? "any" : "all", parts },
    },
    claims,
    dropped,
    isOffered: true,
  };
}

/** A model may see a second reading where the rules saw none. */
function takeAmbiguity(offer: Offer, { reason }: Proposal): Taken {
  const { sentence } = offer;
  const why = `the model sees more than one reading: ${reason}`;
  return {
    sentence: {
      ...sentence,
      kind: "ambiguous",
      category: "ambiguous",
      reason: why,
      structure: { kind: "open", reason: why },
    },
    claims: [],
    dropped: [],
    isOffered: true,
  };
}

function listBorne(
  { response, floor, index, place }: Offer,
  proposal: Proposal,
): Pick<Taken, "claims" | "dropped"> {
  const window = (place?.window ?? []).flatMap((at): readonly Span[] => {
    const near = floor.sentences[at];
    return near === undefined ? [] : [near];
  });
  const [own] = window;
  const claims: SelfContainedClaim[] = [];
  const dropped: DroppedClaim[] = [];
  for (const [at, offered] of proposal.claims.entries()) {
    const drop = (reason: string): number =>
      dropped.push({ sentence: index, text: offered.text.slice(0, 400), reason });
    const isKnown = claims.some(({ text }) => text.toLowerCase() === offered.text.toLowerCase());
    if (at >= CLAIMS_PER_SENTENCE_MAX)
      drop("a sentence has no more claims than " + String(CLAIMS_PER_SENTENCE_MAX));
    else if (isKnown) drop("it is a repetition");
    else {
      const checked = checkClaim(response, offered, window);
      if (!checked.ok || own === undefined) drop(checked.ok ? "it has no sentence" : checked.reason);
      else claims.push(createClaim(response, offered.text, checked.quotes, own, index));
    }
  }
  return { claims, dropped };
}

function createClaim(
  response: string,
  text: string,
  quotes: readonly Span[],
  own: Span,
  sentence: number,
): SelfContainedClaim {
  const inside = quotes.filter(({ start, end }) => start >= own.start && end <= own.end);
  return {
    text,
    start: Math.min(...inside.map(({ start }) => start)),
    end: Math.max(...inside.map(({ end }) => end)),
    pieces: alignPieces(response, text, quotes),
    sentence,
  };
}

/** Every figure and every name of the sentence must be in some claim; else a part of what it says would be looked at by nobody. */
function findMissing(sentence: string, claims: readonly SelfContainedClaim[]): string | undefined {
  const texts = claims.map(({ text }) => text).join(" ");
  const figures = new Set(listFigures(texts));
  const figure = listFigures(sentence).find((one) => !figures.has(one));
  if (figure !== undefined) return `no claim has the figure ${figure}`;
  const name = listNames(sentence).find((one) => !texts.toLowerCase().includes(one.toLowerCase()));
  return name === undefined ? undefined : `no claim has the name ${name}`;
}

/** What the rules found, with the numbers that its claims now have. */
function keepFloor({ floor, sentence, index, first }: Offer, dropped: readonly DroppedClaim[]): Taken {
  const numbers = floor.claims.flatMap((claim, at) => (claim.sentence === index ? [at] : []));
  const shift = first - (numbers[0] ?? first);
  return {
    sentence: { ...sentence, structure: sentence.structure && shiftClaims(sentence.structure, shift) },
    claims: floor.claims.filter((claim) => claim.sentence === index),
    dropped,
    isOffered: false,
  };
}

function shiftClaims(structure: Structure, by: number): Structure {
  switch (structure.kind) {
    case "claim":
      return { kind: "claim", claim: structure.claim + by };
    case "open":
      return structure;
    case "within":
      return { ...structure, part: shiftClaims(structure.part, by) };
    default:
      return { ...structure, parts: structure.parts.map((part) => shiftClaims(part, by)) };
  }
}
