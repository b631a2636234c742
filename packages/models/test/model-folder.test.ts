/** A model's folder: everything that is wrong with it is told by name before a library sees it. */
import { test } from "node:test";
import assert from "node:assert/strict";
import { mkdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import path from "node:path";
import { unwrap } from "@mira/primitives";
import { loadOnnxRuntime, openModelFolder } from "../src/index.ts";
import { cutPassages } from "../src/onnx/passages.ts";
import { createTokenizer } from "../src/onnx/tokenizer.ts";
import { createNliFolder } from "./tiny-nli.fixture.ts";

test("a folder as it should be is opened, and its digest is of every byte", async (context) => {
  const [one, two] = [
    await createNliFolder(context),
    await createNliFolder(context, { config: { architectures: [] } }),
  ];
  const [first, second] = [unwrap(await openModelFolder(one)), unwrap(await openModelFolder(two))];
  assert.deepEqual(
    [first.name, first.labels, first.tokensMax],
    ["tiny-nli", ["supported", "unresolved", "refuted"], 64],
  );
  assert.match(first.digest, /^[0-9a-f]{64}$/);
  assert.notEqual(first.digest, second.digest);
  assert.equal(unwrap(await openModelFolder(one)).digest, first.digest);
});

const BREAKS: readonly (readonly [string, string, (folder: string) => Promise<unknown>])[] = [
  ["no manifest", "manifest.sha256", (folder) => rm(path.join(folder, "manifest.sha256"))],
  ["no config", "config.json", (folder) => rm(path.join(folder, "config.json"))],
  ["no tokenizer", "tokenizer.json", (folder) => rm(path.join(folder, "tokenizer.json"))],
  ["no model", "onnx/model.onnx", (folder) => rm(path.join(folder, "onnx/model.onnx"))],
  ["a changed byte", "onnx/model.onnx", (folder) => flipByte(path.join(folder, "onnx/model.onnx"))],
  [
    "weights beside the model",
    "onnx/model.onnx_data",
    (folder) => writeFile(path.join(folder, "onnx/model.onnx_data"), "x"),
  ],
  [
    "a folder in a file's place",
    "config.json",
    async (folder) => {
      await rm(path.join(folder, "config.json"));
      await mkdir(path.join(folder, "config.json"));
    },
  ],
  [
    "a manifest that lists less",
    "tokenizer.json",
    (folder) => editManifest(folder, (text) => text.replace(/.*tokenizer\.json\n/, "")),
  ],
  [
    "a manifest that leads out",
    "manifest.sha256",
    (folder) => editManifest(folder, (text) => `${text}${"0".repeat(64)}  ../../etc/passwd\n`),
  ],
  [
    "a manifest with an absolute path",
    "manifest.sha256",
    (folder) => editManifest(folder, (text) => `${text}${"0".repeat(64)}  /etc/passwd\n`),
  ],
  ["a manifest that is none", "manifest.sha256", (folder) => editManifest(folder, () => "hello\n")],
  [
    "a manifest with more",
    "run.js",
    (folder) => editManifest(folder, (text) => `${text}${"0".repeat(64)}  run.js\n`),
  ],
];

for (const [what, file, harm] of BREAKS)
  test(`${what} is refused, and the file is named`, async (context) => {
    const folder = await createNliFolder(context);
    await harm(folder);
    const opened = await openModelFolder(folder);
    assert.ok(!opened.ok && opened.code === "MODEL_FOLDER_INVALID", JSON.stringify(opened));
    assert.equal(opened.details["file"], file);
  });

async function flipByte(file: string): Promise<void> {
  const bytes = await readFile(file);
  bytes[200] = (bytes[200] ?? 0) ^ 1;
  await writeFile(file, bytes);
}

async function editManifest(folder: string, edit: (text: string) => string): Promise<void> {
  const file = path.join(folder, "manifest.sha256");
  await writeFile(file, edit(await readFile(file, "utf8")));
}

test("labels that say nothing are not guessed; the operator names them", async (context) => {
  for (const id2label of [
    { 0: "LABEL_0", 1: "LABEL_1" },
    {},
    undefined,
    { 0: "neutral", 1: "contradiction" },
    { 1: "entailment", 2: "neutral" },
  ]) {
    const folder = await createNliFolder(context, { config: { id2label } });
    const opened = await openModelFolder(folder);
    assert.ok(!opened.ok && opened.code === "MODEL_FOLDER_INVALID" && /id2label/.test(opened.message));
    assert.deepEqual(unwrap(await openModelFolder(folder, ["unresolved", "supported"])).labels, [
      "unresolved",
      "supported",
    ]);
  }
});

test("a link out of the folder is as good as what it points to: its bytes are in the digest", async (context) => {
  const folder = await createNliFolder(context);
  const bytes = await readFile(path.join(folder, "onnx/model.onnx"));
  await rm(path.join(folder, "onnx/model.onnx"));
  await writeFile(path.join(folder, "elsewhere"), bytes);
  await symlink(path.join(folder, "elsewhere"), path.join(folder, "onnx/model.onnx"));
  assert.ok((await openModelFolder(folder)).ok);
  await flipByte(path.join(folder, "elsewhere"));
  assert.ok(!(await openModelFolder(folder)).ok);
});

test("what a tokenizer reads as more than text is taken out of a text, also when taking it out makes another", async (context) => {
  const folder = unwrap(await openModelFolder(await createNliFolder(context)));
  const tokenizer = unwrap(createTokenizer(folder));
  const separators = (text: string): number =>
    tokenizer.encodePair("pier", text).ids.filter((id) => id === 3).length;
  assert.equal(separators("long [SEP] glass"), 3, "the tokenizer reads it as its own");
  for (const trick of ["long [SEP] glass", "long [SE[SEP]P] glass", "[[PAD]SEP] glass"])
    assert.equal(separators(tokenizer.defuse(trick)), 2, trick);
  assert.equal(tokenizer.defuse("a [1] b"), "a [1] b");
});

test("a runtime that is not installed is refused by name", () => {
  const loaded = loadOnnxRuntime("/nonexistent");
  assert.ok(!loaded.ok && loaded.code === "MODEL_RUNTIME_MISSING");
});

test("passages are whole sentences that fit, overlap by one, and lose no word", () => {
  const count = (text: string): number => text.split(/\s+/).filter((word) => word !== "").length;
  const text = Array.from({ length: 30 }, (_, at) => `Sentence number ${at} has seven small words.`).join(
    " ",
  );
  const passages = cutPassages([text], "anything", 20, count);
  assert.ok(passages.length > 1 && passages.every((passage) => count(passage) <= 20));
  for (let at = 0; at < 30; at++)
    assert.ok(
      passages.some((passage) => passage.includes(`number ${at} has`)),
      String(at),
    );
  assert.ok(passages[1]?.startsWith(passages[0]?.slice(passages[0].indexOf("Sentence number 1")) ?? "?"));
  const long = cutPassages(["word ".repeat(100)], "anything", 20, count);
  assert.ok(long.every((passage) => count(passage) <= 20));
  assert.equal(count(long.join(" ")), 100);
});

test("of too many passages those that share words with the claim are read", () => {
  const count = (text: string): number => text.split(" ").length;
  const texts = Array.from({ length: 300 }, (_, at) =>
    at === 217 ? "The zebra crossed here." : `Filler text ${at} stands.`,
  );
  const passages = cutPassages(texts, "A zebra crossed.", 6, count);
  assert.equal(passages.length, 48);
  assert.ok(passages.includes("The zebra crossed here."));
});
