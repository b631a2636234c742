/**
 * A folder with a tiny entailment model: what of the claim is missing in the passage, and whether only one of them says
 * "not", decide by fixed weights. Small, and a real graph: it must see both texts to answer.
 */
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import type { TestContext } from "node:test";
import { encodeHex, sha256 } from "@mira/primitives";
import { attribute, floats, integers, node, writeOnnx } from "./onnx-writer.fixture.ts";

const SPECIAL = ["[PAD]", "[UNK]", "[CLS]", "[SEP]"];
const SILENT = ["the", "of", "in", "was", "is", "it", "and", "a", "."];
const WORDS = [
  "north",
  "pier",
  "harbour",
  "opened",
  "metres",
  "long",
  "museum",
  "glass",
  "sailors",
  "prefer",
  "cafe",
];
const FIGURES = ["1932", "1958", "410", "35"];
const VOCABULARY = [...SPECIAL, ...SILENT, "not", ...WORDS, ...FIGURES];

/** [entailment, neutral, contradiction] */
type Weights = readonly [number, number, number];
const BIAS: Weights = [5, 0, -2];
const weightOf = (word: string): Weights => {
  if (word === "not" || FIGURES.includes(word)) return [-9, 0, 6];
  return WORDS.includes(word) || word === "[UNK]" ? [-4, 2, -3] : [0, 0, 0];
};

export function writeTinyNli(): Uint8Array {
  const size = VOCABULARY.length;
  const identity = VOCABULARY.flatMap((_, row) =>
    VOCABULARY.map((word, at) => (row === at && !["[CLS]", "[SEP]", "[PAD]"].includes(word) ? 1 : 0)),
  );
  const surplus = VOCABULARY.flatMap((word) => (word === "not" ? weightOf(word) : [0, 0, 0]));
  return writeOnnx({
    inputs: ["input_ids", "attention_mask", "token_type_ids"],
    outputLength: 3,
    initializers: [
      floats("one_hot", [size, size], identity),
      floats("missing_weights", [size, 3], VOCABULARY.flatMap(weightOf)),
      floats("surplus_weights", [size, 3], surplus),
      floats("bias", [3], BIAS),
      floats("one", [1], [1]),
      integers("second", [1]),
    ],
    nodes: [
      node("Gather", ["one_hot", "input_ids"], "tokens"),
      node("Cast", ["token_type_ids"], "second_text", [attribute("to", 1)]),
      node("Cast", ["attention_mask"], "attended", [attribute("to", 1)]),
      node("Sub", ["attended", "second_text"], "first_text"),
      node("Unsqueeze", ["first_text", "second"], "first_row"),
      node("Unsqueeze", ["second_text", "second"], "second_row"),
      node("MatMul", ["first_row", "tokens"], "premise_counts"),
      node("MatMul", ["second_row", "tokens"], "claim_counts"),
      node("Squeeze", ["premise_counts", "second"], "premise_flat"),
      node("Squeeze", ["claim_counts", "second"], "claim_flat"),
      node("Min", ["premise_flat", "one"], "premise"),
      node("Min", ["claim_flat", "one"], "claim"),
      node("Sub", ["claim", "premise"], "difference"),
      node("Relu", ["difference"], "missing"),
      node("Neg", ["difference"], "opposite"),
      node("Relu", ["opposite"], "surplus"),
      node("MatMul", ["missing", "missing_weights"], "missing_logits"),
      node("MatMul", ["surplus", "surplus_weights"], "surplus_logits"),
      node("Add", ["missing_logits", "surplus_logits"], "both"),
      node("Add", ["both", "bias"], "logits"),
    ],
  });
}

function describeTokenizer(): object {
  const token = (id: number, content: string): object => ({
    ...{ id, content, special: true, single_word: false, lstrip: false, rstrip: false, normalized: false },
  });
  const special = (id: string, type: number): object => ({ SpecialToken: { id, type_id: type } });
  const sequence = (id: string, type: number): object => ({ Sequence: { id, type_id: type } });
  return {
    version: "1.0",
    added_tokens: SPECIAL.map((content, id) => token(id, content)),
    normalizer: {
      type: "BertNormalizer",
      clean_text: true,
      handle_chinese_chars: true,
      strip_accents: null,
      lowercase: true,
    },
    pre_tokenizer: { type: "BertPreTokenizer" },
    post_processor: {
      type: "TemplateProcessing",
      single: [special("[CLS]", 0), sequence("A", 0), special("[SEP]", 0)],
      pair: [
        special("[CLS]", 0),
        sequence("A", 0),
        special("[SEP]", 0),
        sequence("B", 1),
        special("[SEP]", 1),
      ],
      special_tokens: {
        "[CLS]": { id: "[CLS]", ids: [2], tokens: ["[CLS]"] },
        "[SEP]": { id: "[SEP]", ids: [3], tokens: ["[SEP]"] },
      },
    },
    decoder: null,
    model: {
      ...{
        type: "WordPiece",
        unk_token: "[UNK]",
        continuing_subword_prefix: "##",
        max_input_chars_per_word: 100,
      },
      vocab: Object.fromEntries(VOCABULARY.map((word, at) => [word, at])),
    },
  };
}

export type FolderChanges = { readonly config?: object; readonly model?: Uint8Array };

/** With a manifest that fits. */
export async function createNliFolder(context: TestContext, changes: FolderChanges = {}): Promise<string> {
  const folder = await mkdtemp(path.join(tmpdir(), "mira-nli-"));
  context.after(() => rm(folder, { recursive: true, force: true }));
  await mkdir(path.join(folder, "onnx"));
  const files: Readonly<Record<string, Uint8Array>> = {
    "config.json": Buffer.from(
      JSON.stringify({
        _name_or_path: "tiny-nli",
        id2label: { 0: "entailment", 1: "neutral", 2: "contradiction" },
        max_position_embeddings: 64,
        ...changes.config,
      }),
    ),
    "tokenizer.json": Buffer.from(JSON.stringify(describeTokenizer())),
    "onnx/model.onnx": changes.model ?? writeTinyNli(),
  };
  for (const [name, bytes] of Object.entries(files)) await writeFile(path.join(folder, name), bytes);
  const lines = Object.entries(files).map(([name, bytes]) => `${encodeHex(sha256(bytes))}  ${name}\n`);
  await writeFile(path.join(folder, "manifest.sha256"), lines.join(""));
  return folder;
}
