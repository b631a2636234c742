/** The tokenizer of a local model, behind the one method that is used. Its library's own types do not resolve under `nodenext`. */
import * as library from "@huggingface/tokenizers";
import { refuse, succeed } from "@mira/primitives";
import type { ModelResult } from "../chat/chat-types.ts";
import type { ModelFolder } from "./model-folder.ts";

export type EncodedPair = {
  readonly ids: readonly number[];
  readonly attention_mask: readonly number[];
  readonly token_type_ids: readonly number[];
};

type Fields = Readonly<Record<string, unknown>>;
type LibraryTokenizer = { readonly encode: (text: string, options: Fields) => EncodedPair };
type TokenizerClass = new (tokenizer: Fields, config: Fields) => LibraryTokenizer;

export type PairTokenizer = {
  readonly encodePair: (premise: string, hypothesis: string) => EncodedPair;
  /** Without special tokens. */
  readonly count: (text: string) => number;
  /** The text without anything that this tokenizer would read as more than text: a `[SEP]` in a claim would end it. */
  readonly defuse: (text: string) => string;
};

export function createTokenizer({ tokenizer, tokenizerConfig }: ModelFolder): ModelResult<PairTokenizer> {
  const constructor: unknown = library.Tokenizer;
  if (!isTokenizerClass(constructor))
    return refuse("MODEL_RUNTIME_MISSING", "@huggingface/tokenizers is not the library it should be");
  try {
    const inner = new constructor(tokenizer, tokenizerConfig);
    const special = listAddedTokens(tokenizer);
    const created: PairTokenizer = {
      encodePair: (premise, hypothesis) =>
        inner.encode(premise, { text_pair: hypothesis, return_token_type_ids: true }),
      count: (text) => inner.encode(text, { add_special_tokens: false }).ids.length,
      defuse: (text) => takeOut(text, special),
    };
    const { ids, attention_mask, token_type_ids } = created.encodePair("a", "b");
    if (ids.length > 0 && ids.length === attention_mask.length && ids.length === token_type_ids.length)
      return succeed(created);
    return refuse("MODEL_FOLDER_INVALID", "the tokenizer does not encode pairs", { file: "tokenizer.json" });
  } catch (error) {
    const got = error instanceof Error ? error.message.slice(0, 300) : String(error);
    return refuse("MODEL_FOLDER_INVALID", "the tokenizer cannot be loaded", { file: "tokenizer.json", got });
  }
}

function isTokenizerClass(value: unknown): value is TokenizerClass {
  return typeof value === "function";
}

function listAddedTokens({ added_tokens: added }: Fields): readonly string[] {
  return (Array.isArray(added) ? (added as unknown[]) : []).flatMap((token) =>
    typeof token === "object" &&
    token !== null &&
    "content" in token &&
    typeof token.content === "string" &&
    token.content.trim() !== ""
      ? [token.content]
      : [],
  );
}

/** Taking one out may make another; each round shortens the text. */
function takeOut(text: string, tokens: readonly string[]): string {
  let left = text;
  while (tokens.some((token) => left.includes(token)))
    for (const token of tokens) left = left.replaceAll(token, "");
  return left;
}
