/** The program itself, where it needs no network: exit codes that programs can rely on, help, and suggestions. */
import { after, before, test } from "node:test";
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";

const MAIN = join(import.meta.dirname, "../src/main.ts");
let folder: string;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), "mira-cli-"));
  // Nobody listens on port 1.
  const endpoints = Object.fromEntries(
    ["sequencer", "settlement", "verifier", "staking", "sessions"].map((name) => [name, "127.0.0.1:1"]),
  );
  const network = {
    networkId: "mira-test",
    logVerifierKey: "mira-test+00000000+AAAA",
    certificateKey: "1".repeat(32),
    endpoints,
  };
  await writeFile(join(folder, "network.json"), JSON.stringify(network));
  await writeFile(join(folder, "half.json"), JSON.stringify({ networkId: "mira-test" }));
  await writeFile(join(folder, "certificate.json"), "{}");
});
after(() => rm(folder, { recursive: true }));

type Outcome = { readonly code: number | null; readonly out: string; readonly err: string };

/** Runs in an empty folder of its own: no `.mira/network.json` is found by chance. */
async function mira(args: readonly string[], env: Record<string, string> = {}): Promise<Outcome> {
  const child = spawn(process.execPath, [MAIN, ...args], {
    cwd: folder,
    env: { PATH: process.env["PATH"], HOME: folder, NO_COLOR: "1", ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const closed = new Promise<number | null>((resolve) => child.once("close", resolve));
  const [out, err] = await Promise.all([text(child.stdout), text(child.stderr)]);
  return { code: await closed, out, err };
}

const NAMED = { MIRA_NETWORK_FILE: "network.json" };
const rows: readonly (readonly [string, readonly string[], Record<string, string>, number, RegExp])[] = [
  ["an unknown command, with the one that was meant", ["statsu"], {}, 2, /Did you mean status\?/],
  ["an unknown option", ["status", "--fast"], {}, 2, /unknown option '--fast'/],
  ["an output format that is none", ["-o", "yaml", "keys"], {}, 2, /Allowed choices are text, json/],
  ["a missing option", ["session", "grant", "--owner", "alice"], NAMED, 2, /required option '--for/],
  ["no network file", ["status"], {}, 4, /NOT_FOUND: no network file at .*start a network with `mira up`/],
  [
    "half a network file",
    ["status", "--network", "half.json"],
    {},
    2,
    /REQUEST_INVALID: the network file is not complete/,
  ],
  ["a network that does not answer", ["status"], NAMED, 5, /^$/],
  ["a service that does not answer", ["session", "list"], NAMED, 5, /UNAVAILABLE/],
  [
    "an amount that is none",
    ["tx", "send", "--from", "alice", "--to", "bob", "--sol", "lots"],
    NAMED,
    2,
    /"lots" is not an amount/,
  ],
  [
    "a session without its key",
    ["tx", "send", "--from", "alice", "--to", "bob", "--sol", "1", "--session", "s"],
    NAMED,
    5,
    /UNAVAILABLE/,
  ],
  ["an id that is none", ["tx", "show", "x"], NAMED, 2, /neither a sequence number nor a transaction id/],
  ["a sequence number that is none", ["tx", "watch", "x"], NAMED, 2, /"x" is not a sequence number/],
  [
    "an instant that is none",
    ["session", "list", "--at", "yesterday"],
    NAMED,
    2,
    /"yesterday" is not an instant/,
  ],
  [
    "a port that is none",
    ["up", "--port-base", "80"],
    {},
    2,
    /--port-base: needed a whole number from 1024 to 65000/,
  ],
  ["a certificate that is none", ["certificate", "check", "certificate.json"], NAMED, 6, /PROOF_INVALID: /],
];
for (const [name, args, env, code, message] of rows)
  test(`exit code ${code}: ${name}`, async () => {
    const outcome = await mira(args, env);
    assert.equal(outcome.code, code, outcome.err);
    assert.match(outcome.err, message);
  });

test("help lists every command and every exit code, and is no failure", async () => {
  const { code, out } = await mira(["--help"]);
  assert.equal(code, 0);
  for (const command of [
    "up",
    "status",
    "tx",
    "verify",
    "certificate",
    "session",
    "stake",
    "audit",
    "why",
    "keys",
    "doctor",
    "airdrop",
  ])
    assert.match(out, new RegExp(`^  ${command}\\b`, "m"));
  assert.match(out, /6 a proof, certificate or log does not verify/);
});

test("keys are printed as a table for people and as JSON for programs", async () => {
  const people = await mira(["keys"]);
  assert.match(people.out, /^name +public key +secret seed\nfaucet /);
  const programs = await mira(["-o", "json", "keys"]);
  assert.equal(programs.err, "");
  const keys = JSON.parse(programs.out) as { name: string; publicKey: string; seed: string }[];
  assert.ok(keys.some(({ name, seed }) => name === "alice" && /^[0-9a-f]{64}$/.test(seed)));
});

test("data and notices go different ways: nothing but the result is on standard output", async () => {
  const { out, err } = await mira(["status", "-o", "json"], NAMED);
  assert.deepEqual(JSON.parse(out), { network: "mira-test" });
  assert.equal(err, "");
});
