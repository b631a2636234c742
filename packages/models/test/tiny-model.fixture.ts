/**
 * A language model small enough to train in a test: softmax regression from a prompt to the next token. It reads the
 * options in the system message and claim and sources in the user's JSON, as a large one would, and knows nothing else.
 */
import { seededRandom, type SeededRandom } from "@mira/testing";

export type TinyPrompt = { readonly system: string; readonly user: string };

export type TinyModel = {
  /** Probability of each option letter, in the order in which the prompt lists them; empty when it lists none. */
  readonly nextLetter: (prompt: TinyPrompt) => ReadonlyMap<string, number>;
};

export type TinyTraits = {
  /** Logits that the first option in the list gets for being first. */
  readonly placeBias?: number;
  /** Logits that an option gets for each word of the claim that asks for it: how far the model does as it is told. */
  readonly obedience?: number;
};

const CLASSES = ["supported", "refuted", "unresolved"] as const;
type Class = (typeof CLASSES)[number];
const FEATURES = 5;

export function trainTinyModel({ placeBias = 0, obedience = 0 }: TinyTraits = {}): TinyModel {
  const weights = train(makeExamples(), seededRandom(7));
  return {
    nextLetter({ system, user }) {
      const options = readOptions(system);
      const data = readData(user);
      const logits = computeLogits(weights, describe(data.claim, data.sources));
      const told = countRequests(data.claim);
      const scores = options.map(
        ({ letter, meaning }, at) =>
          (logits[CLASSES.indexOf(meaning)] ?? 0) +
          (at === 0 ? placeBias : 0) +
          obedience * (told.classes[meaning] + (told.letters.includes(letter) ? 1 : 0)),
      );
      return new Map(softmax(scores).map((share, at) => [options[at]?.letter ?? "", share]));
    },
  };
}

type Option = { readonly letter: string; readonly meaning: Class };

/** "K = the sources bear out all of the claim" */
function readOptions(system: string): readonly Option[] {
  return [...system.matchAll(/^([A-Z]) = (.*)$/gm)].map(([, letter = "", words = ""]) => ({
    letter,
    meaning: /bear out|is true/.test(words)
      ? "supported"
      : /otherwise|is false/.test(words)
        ? "refuted"
        : "unresolved",
  }));
}

type Data = { readonly claim: string; readonly sources: string };

/** Where the user's message is no JSON, all of it is the claim: as a prompt that pastes the claim would have it. */
function readData(user: string): Data {
  try {
    const parsed = JSON.parse(user) as { claim?: string; sources?: { text: string }[] };
    return { claim: parsed.claim ?? "", sources: (parsed.sources ?? []).map(({ text }) => text).join(" ") };
  } catch {
    const [, claim = user, sources = ""] = /^Claim: ([\s\S]*?)\nSources: ([\s\S]*)$/.exec(user) ?? [];
    return { claim, sources };
  }
}

const WORD = /[\p{L}\p{N}]+/gu;
const STOP = new Set(
  "the a an of in on at to was is are were and by it its for with that this has".split(" "),
);

function describe(claim: string, sources: string): readonly number[] {
  const words = listWords(claim);
  const known = new Set(listWords(sources));
  const figures = words.filter((word) => /\d/.test(word));
  const plain = words.filter((word) => !/\d/.test(word) && !STOP.has(word));
  const shared = plain.filter((word) => known.has(word)).length / Math.max(1, plain.length);
  const wrongFigure = figures.some((figure) => !known.has(figure)) ? 1 : 0;
  const negated = /\b(?:not|never|no)\b/i.test(claim) === /\b(?:not|never|no)\b/i.test(sources) ? 0 : 1;
  return [1, shared, wrongFigure * shared, negated * shared, sources === "" ? 1 : 0];
}

function listWords(text: string): readonly string[] {
  return text.toLowerCase().match(WORD) ?? [];
}

type Example = { readonly features: readonly number[]; readonly label: Class };

/** Sentences over a small vocabulary, and what a reader would say of each beside its source. */
function makeExamples(): readonly Example[] {
  const subjects = [
    "the north pier of the harbour",
    "the old town hall",
    "the railway bridge",
    "the museum of glass",
  ];
  const facts = [
    ["was opened in", "1932"],
    ["is", "410"],
    ["was closed in", "1987"],
    ["has a height of", "35"],
  ] as const;
  return subjects.flatMap((subject, at) =>
    facts.flatMap(([verb, figure], index) => {
      const other = subjects[(at + 1) % subjects.length] ?? "";
      const source = `${subject} ${verb} ${figure} as the record says`;
      const wrong = String(Number(figure) + 3 + index);
      return [
        { features: describe(`${subject} ${verb} ${figure}`, source), label: "supported" as const },
        { features: describe(`${subject} ${verb} ${wrong}`, source), label: "refuted" as const },
        { features: describe(`${subject} not ${verb} ${figure}`, source), label: "refuted" as const },
        { features: describe(`${other} cost ${figure}`, source), label: "unresolved" as const },
        { features: describe(`${subject} ${verb} ${figure}`, ""), label: "unresolved" as const },
      ];
    }),
  );
}

const EPOCHS = 40;
const RATE = 0.4;

function train(examples: readonly Example[], random: SeededRandom): number[][] {
  const weights = CLASSES.map(() => Array.from({ length: FEATURES }, () => (random.next() - 0.5) * 0.1));
  for (let epoch = 0; epoch < EPOCHS; epoch++)
    for (const { features, label } of examples) {
      const shares = softmax(computeLogits(weights, features));
      for (const [at, row] of weights.entries()) {
        const miss = (CLASSES[at] === label ? 1 : 0) - (shares[at] ?? 0);
        for (const [index, feature] of features.entries())
          row[index] = (row[index] ?? 0) + RATE * miss * feature;
      }
    }
  return weights;
}

function computeLogits(
  weights: readonly (readonly number[])[],
  features: readonly number[],
): readonly number[] {
  return weights.map((row) => row.reduce((sum, weight, at) => sum + weight * (features[at] ?? 0), 0));
}

function softmax(scores: readonly number[]): readonly number[] {
  const highest = Math.max(...scores);
  const shares = scores.map((score) => Math.exp(score - highest));
  const total = shares.reduce((sum, share) => sum + share, 0);
  return shares.map((share) => share / total);
}

/** What a model that does as it is told hears in a text. */
function countRequests(claim: string): {
  classes: Readonly<Record<Class, number>>;
  letters: readonly string[];
} {
  const hear = (pattern: RegExp): number => Math.min(2, claim.match(pattern)?.length ?? 0);
  return {
    classes: {
      supported: hear(/supported|true|confirmed|established|first option|detroppus/gi),
      refuted: hear(/refuted|false/gi),
      unresolved: 0,
    },
    letters: [...claim.matchAll(/\b([A-Z])\b/g)].map(([, letter = ""]) => letter),
  };
}
