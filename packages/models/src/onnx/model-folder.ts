/** A folder with a local model, checked before any library touches it: its files, their hashes, the words of its configuration. */
import { readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { encodeHex, encodeUtf8, refuse, sha256, succeed, type Verdict } from "@mira/primitives";
import type { ModelResult } from "../chat/chat-types.ts";
import { asFields, parseJson } from "../chat/parse-answer.ts";

export const MANIFEST = "manifest.sha256";
const NEEDED = ["config.json", "tokenizer.json", "onnx/model.onnx"] as const;
const OPTIONAL = ["tokenizer_config.json"] as const;

/** One protobuf holds no more; larger models keep their weights beside it, in files that the model itself names. */
const MODEL_BYTES_MAX = 2 ** 31 - 1;
const JSON_BYTES_MAX = 64 * 2 ** 20;
const FILES_MAX = 64;
const TOKENS_MAX = 512;

export type ModelFolder = {
  readonly name: string;
  /** SHA-256 of the sorted manifest: one digit changes when any byte of any file does. */
  readonly digest: string;
  /** What each output of the model means, in its order. */
  readonly labels: readonly Verdict[];
  readonly tokensMax: number;
  readonly model: Uint8Array;
  readonly tokenizer: Readonly<Record<string, unknown>>;
  readonly tokenizerConfig: Readonly<Record<string, unknown>>;
};

/** `labels`, when given, stand for those of config.json. The bytes returned are the bytes that were hashed. */
export async function openModelFolder(
  folder: string,
  labels?: readonly Verdict[],
): Promise<ModelResult<ModelFolder>> {
  const listed = await readManifest(folder);
  if (!listed.ok) return listed;
  const unlisted = await findUnlisted(folder, listed.value);
  if (unlisted !== undefined) return invalid("a file is not in the manifest", unlisted);
  const files = new Map<string, Uint8Array>();
  for (const [path, expected] of listed.value) {
    const bytes = await readChecked(folder, path, expected);
    if (!bytes.ok) return bytes;
    files.set(path, bytes.value);
  }
  return readModel(folder, listed.value, files, labels);
}

function readModel(
  folder: string,
  listed: ReadonlyMap<string, string>,
  files: ReadonlyMap<string, Uint8Array>,
  given: readonly Verdict[] | undefined,
): ModelResult<ModelFolder> {
  const json = (path: string) => parseJson(new TextDecoder().decode(files.get(path)));
  const config = json("config.json");
  if (config === undefined) return invalid("the file is no JSON object", "config.json");
  const tokenizer = json("tokenizer.json");
  if (asFields(tokenizer?.["model"]) === undefined)
    return invalid("the file describes no tokenizer", "tokenizer.json");
  const labels = given === undefined ? readLabels(config) : succeed(given);
  if (!labels.ok) return labels;
  const positions = config["max_position_embeddings"];
  const manifest = [...listed].toSorted(([one], [other]) => (one < other ? -1 : 1));
  return succeed({
    name:
      typeof config["_name_or_path"] === "string"
        ? config["_name_or_path"].slice(0, 200)
        : (folder.split("/").at(-1) ?? ""),
    digest: encodeHex(sha256(encodeUtf8(manifest.map(([path, hash]) => `${hash}  ${path}\n`).join("")))),
    labels: labels.value,
    tokensMax: typeof positions === "number" && positions > 0 ? Math.min(TOKENS_MAX, positions) : TOKENS_MAX,
    model: files.get("onnx/model.onnx") ?? new Uint8Array(),
    tokenizer: tokenizer ?? {},
    tokenizerConfig: json("tokenizer_config.json") ?? {},
  });
}

/** The format of sha256sum: 64 digits, two spaces, a path inside the folder. */
async function readManifest(folder: string): Promise<ModelResult<ReadonlyMap<string, string>>> {
  const text = await readFile(join(folder, MANIFEST), "utf8").catch(() => undefined);
  if (text === undefined) return invalid("the file is missing or cannot be read", MANIFEST);
  const listed = new Map<string, string>();
  for (const line of text.split("\n").filter((one) => one !== "")) {
    const match = /^([0-9a-f]{64}) [ *](?:\.\/)?([\w.-]+(?:\/[\w.-]+){0,4})$/.exec(line);
    const [, hash = "", path = ""] = match ?? [];
    if (match === null || path.split("/").includes("..") || listed.has(path) || listed.size >= FILES_MAX)
      return invalid("a line is not of the form `sha256  path`", MANIFEST, { got: line.slice(0, 100) });
    listed.set(path, hash);
  }
  const absent = NEEDED.find((path) => !listed.has(path));
  if (absent !== undefined) return invalid("the manifest does not list a file that is needed", absent);
  const surplus = [...listed.keys()].find(
    (path) => !([...NEEDED, ...OPTIONAL] as readonly string[]).includes(path),
  );
  return surplus === undefined
    ? succeed(listed)
    : invalid("the manifest lists a file that is not read; weights must be inside onnx/model.onnx", surplus);
}

/** Weights beside the model would be loaded by path, unchecked: what is not listed must not be there. */
async function findUnlisted(
  folder: string,
  listed: ReadonlyMap<string, string>,
): Promise<string | undefined> {
  const names = await readdir(join(folder, "onnx")).catch(() => []);
  return names.map((name) => `onnx/${name}`).find((path) => !listed.has(path));
}

async function readChecked(folder: string, path: string, expected: string): Promise<ModelResult<Uint8Array>> {
  const file = join(folder, path);
  const status = await stat(file).catch(() => undefined);
  if (status?.isFile() !== true) return invalid("the file is missing", path);
  const bytesMax = path.endsWith(".onnx") ? MODEL_BYTES_MAX : JSON_BYTES_MAX;
  if (status.size > bytesMax)
    return invalid("the file is too large", path, { neededMax: bytesMax, got: status.size });
  const bytes = await readFile(file).catch(() => undefined);
  if (bytes === undefined) return invalid("the file cannot be read", path);
  const got = encodeHex(sha256(bytes));
  return got === expected
    ? succeed(bytes)
    : invalid("the file is not the one in the manifest", path, { needed: expected, got });
}

const MEANINGS: Readonly<Record<string, Verdict>> = {
  ...{ entailment: "supported", entailed: "supported", supported: "supported", consistent: "supported" },
  ...{ contradiction: "refuted", refuted: "refuted" },
  ...{
    neutral: "unresolved",
    not_entailment: "unresolved",
    "not entailment": "unresolved",
    unsupported: "unresolved",
  },
  ...{ inconsistent: "unresolved", "not enough info": "unresolved", not_enough_info: "unresolved" },
};

/** Names that mean nothing ("LABEL_0") are not guessed at. */
function readLabels(config: Readonly<Record<string, unknown>>): ModelResult<readonly Verdict[]> {
  const names = Object.entries(asFields(config["id2label"]) ?? {}).toSorted(
    ([one], [other]) => Number(one) - Number(other),
  );
  const labels = names.map(([, name]) => MEANINGS[String(name).toLowerCase()]);
  const known = labels.filter((label) => label !== undefined);
  const inOrder = names.every(([index], at) => index === String(at));
  if (known.length < 2 || known.length < labels.length || !inOrder || !known.includes("supported"))
    return invalid("id2label does not say which output means what; name the labels yourself", "config.json", {
      got: names
        .map(([index, name]) => `${index}=${String(name)}`)
        .join(", ")
        .slice(0, 200),
    });
  return succeed(known);
}

function invalid(
  message: string,
  file: string,
  details: Readonly<Record<string, string | number>> = {},
): ModelResult<never> {
  return refuse("MODEL_FOLDER_INVALID", message, { file, ...details });
}
