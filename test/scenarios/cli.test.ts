/** The command as scripts and people meet it: exit codes, JSON, no colour, and what it says when it says no. */
import assert from "node:assert/strict";
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join, relative } from "node:path";
import { test } from "node:test";
import { EXIT } from "../../packages/cli/src/exit-codes.ts";
import { runProgram, type Ended, type ProgramOptions } from "./command.fixture.ts";
import { useLocalnet } from "./localnet.fixture.ts";

const localnet = useLocalnet();
const MAIN = "packages/cli/src/main.ts";

function mira(args: readonly string[], options: ProgramOptions = {}): Promise<Ended> {
  const MIRA_NETWORK_FILE = join(localnet.get().stateDir, "network.json");
  return runProgram(MAIN, args, { ...options, env: { MIRA_NETWORK_FILE, ...options.env } });
}

/** Runs with `-o json`: one object on standard output, and nothing else there. */
async function miraJson(args: readonly string[]): Promise<Record<string, unknown>> {
  const { code, stdout, stderr } = await mira(["-o", "json", ...args]);
  assert.equal(code, EXIT.ok, stderr);
  return JSON.parse(stdout) as Record<string, unknown>;
}

test("a misspelt command is a wrong usage, with the right spelling", async () => {
  const { code, stderr } = await mira(["stats"]);
  assert.equal(code, EXIT.usage);
  assert.match(stderr, /Did you mean .*status/);
  assert.equal((await mira(["tx", "send", "--form", "alice"])).code, EXIT.usage);
  assert.equal(
    (await mira(["tx", "send", "--from", "alice", "--to", "bob", "--sol", "much"])).code,
    EXIT.usage,
  );
  assert.equal((await mira(["--help"])).code, EXIT.ok);
});

test("without a network file, and with nobody at its addresses, it says what to do", async () => {
  const missing = await mira(["status"], { env: { MIRA_NETWORK_FILE: "/nowhere/network.json" } });
  assert.equal(missing.code, EXIT.notFound);
  assert.match(missing.stderr, /mira up/);
  const { network, stateDir } = localnet.get();
  const endpoints = Object.fromEntries(Object.keys(network.endpoints).map((name) => [name, "127.0.0.1:1"]));
  const deserted = join(stateDir, "deserted.json");
  await writeFile(deserted, JSON.stringify({ ...network, endpoints }));
  assert.equal((await mira(["--network", deserted, "status"])).code, EXIT.unreachable);
  assert.equal((await mira(["--network", deserted, "audit", "check"])).code, EXIT.unreachable);
});

test("a transfer: JSON for programs, text without colour for pipes, and why it happened", async () => {
  const sent = await miraJson([
    "tx",
    "send",
    "--from",
    "alice",
    "--to",
    "bob",
    "--sol",
    "1.5",
    "--wait",
    "finalized",
  ]);
  assert.equal(sent["stage"], "finalized");
  assert.equal(sent["feeLamports"], "5000");
  const number = String(sent["sequenceNumber"]);
  const shown = await mira(["tx", "show", number], { env: { NO_COLOR: "1" } });
  assert.equal(shown.code, EXIT.ok);
  assert.match(shown.stdout, /final: nothing reverses it/);
  assert.ok(!shown.stdout.includes("\u001b"));
  const why = await miraJson(["why", number]);
  assert.equal(typeof why["provenIndex"], "number");
  assert.equal((await miraJson(["why", String(sent["transactionId"])]))["provenIndex"], why["provenIndex"]);
  assert.equal((await mira(["tx", "show", "999999"])).code, EXIT.notFound);
});

test("a refusal is an exit code of its own, and prints its code and what was needed", async () => {
  const unfunded = join(localnet.get().stateDir, "unfunded.key");
  await writeFile(unfunded, "07".repeat(32));
  const { code, stderr } = await mira(["tx", "send", "--from", unfunded, "--to", "bob", "--sol", "1"]);
  assert.equal(code, EXIT.refused);
  assert.match(stderr, /FEE_PAYER_UNFUNDED/);
});

test("a response from standard input is verified; its certificate is shown, checked, and not believed when changed", async () => {
  const { stateDir } = localnet.get();
  const response = "12 % of 250 is 30. 7 × 8 = 54.\n";
  const file = join(stateDir, "answer.cert.json");
  const answer = join(stateDir, "answer.md");
  await writeFile(answer, response);
  const verified = await mira(["verify", "-", "--save", file], { input: response });
  assert.equal(verified.code, EXIT.ok, verified.stderr);
  assert.match(verified.stdout, /supported.*12 % of 250 is 30/);
  assert.match(verified.stdout, /refuted.*7 × 8 = 54/);
  const id = /certificate (\w+)/.exec(verified.stdout)?.[1] ?? assert.fail();
  const shown = await mira(["certificate", "show", id]);
  assert.equal(shown.code, EXIT.ok);
  const saved = await readFile(file, "utf8");
  assert.equal(payloadOf(shown.stdout), payloadOf(saved));
  const checked = await mira(["certificate", "check", file, "--response", answer]);
  assert.equal(checked.code, EXIT.ok, checked.stderr);
  assert.match(checked.stdout, /signed by the network and 3 validators of 3 operators/);
  const strict = await mira(["certificate", "check", file, "--operators", "4"]);
  assert.equal(strict.code, EXIT.proofInvalid);
  assert.match(strict.stderr, /too few operators signed/);
  await writeFile(answer, `${response}And more.`);
  const other = await mira(["certificate", "check", file, "--response", answer]);
  assert.equal(other.code, EXIT.proofInvalid);
  assert.match(other.stderr, /statement\.subject\[0\]: the certificate is about another response/);
  await writeFile(file, saved.replace(/"payload":"(.)/, '"payload":"A'));
  const changed = await mira(["certificate", "check", file]);
  assert.equal(changed.code, EXIT.proofInvalid);
  assert.match(changed.stderr, /envelope\.payload/);
  assert.equal((await mira(["why", id])).code, EXIT.ok);
});

function payloadOf(certificate: string): string {
  return (JSON.parse(certificate) as { dsse: { payload: string } }).dsse.payload;
}

test("a session is granted, listed, used, shown, and revoked", async () => {
  const terms = ["--owner", "alice", "--key", "carol", "--to", "bob", "--limit", "2", "--for", "15m"];
  const { sessionId } = (await miraJson(["session", "grant", ...terms])) as { sessionId: string };
  const listed = (await miraJson(["session", "list", "--owner", "alice"])) as unknown as {
    sessionId: string;
  }[];
  assert.ok(listed.some((session) => session.sessionId === sessionId));
  const use = [
    "tx",
    "send",
    "--from",
    "alice",
    "--to",
    "bob",
    "--session",
    sessionId,
    "--session-key",
    "carol",
  ];
  assert.equal((await miraJson([...use, "--sol", "1"]))["sessionId"], sessionId);
  const over = await mira([...use, "--sol", "1.5"]);
  assert.equal(over.code, EXIT.refused);
  assert.match(over.stderr, /SESSION_LIMIT_EXCEEDED[^]*rule: amount[^]*needed: [^]*left: /);
  const [, decision = ""] = /decision: ([0-9a-f]{64})/.exec(over.stderr) ?? [];
  const explained = await miraJson(["why", decision]);
  assert.equal(explained["code"], "SESSION_LIMIT_EXCEEDED");
  assert.equal(explained["stream"], `session-${sessionId}`);
  const asked = await miraJson(["session", "explain", sessionId, "--to", "bob", "--sol", "1.5"]);
  assert.deepEqual([asked["allowed"], asked["needed"]], [false, "1500005000"]);
  const [exposure] = (await miraJson(["session", "exposure", sessionId])) as unknown as { open: string }[];
  assert.equal(exposure?.open, "999995000");
  assert.equal((await miraJson(["session", "revoke", sessionId, "--by", "alice"]))["status"], "revoked");
  assert.equal((await miraJson(["session", "show", sessionId]))["status"], "revoked");
  assert.match((await mira([...use, "--sol", "0.1"])).stderr, /SESSION_REVOKED/);
  const [then] = (await miraJson([
    "session",
    "list",
    "--at",
    "2001-01-01T00:00:00Z",
  ])) as unknown as unknown[];
  assert.equal(then, undefined, "nobody could do anything then");
});

test("stake, status, keys and the audit log", async () => {
  const stakes = (await miraJson(["stake", "list"])) as unknown as { status: string }[];
  assert.deepEqual(
    stakes.map(({ status }) => status),
    ["bonded", "bonded", "bonded"],
  );
  assert.equal((await miraJson(["status"]))["bondedValidators"], 3);
  assert.equal((await mira(["keys"])).code, EXIT.ok);
  const audit = await miraJson(["audit", "check"]);
  assert.equal(audit["runtimeLamports"], audit["escrowLamports"]);
  assert.ok(Number(audit["entries"]) > 3);
});

test("a log that another key signed does not verify", async () => {
  const { network, stateDir } = localnet.get();
  const [name = "", id = "", key = ""] = network.logVerifierKey.split("+");
  const other = join(stateDir, "other-key.json");
  const flipped = Buffer.from(key, "base64");
  flipped[7] = (flipped[7] ?? 0) ^ 1;
  const logVerifierKey = [name, id, flipped.toString("base64")].join("+");
  await writeFile(other, JSON.stringify({ ...network, logVerifierKey }));
  const { code } = await mira(["--network", other, "audit", "check"]);
  assert.equal(code, EXIT.proofInvalid);
});

test("a copy of the log is checked without the network, and a byte changed in any of its files is named", async () => {
  const { stateDir, network } = localnet.get();
  const folder = join(stateDir, "audit-copy");
  const copied = await miraJson(["audit", "export", folder]);
  const deserted = join(stateDir, "deserted.json");
  await writeFile(deserted, JSON.stringify({ ...network, logUrl: undefined }));
  const checkCopy = (): Promise<Ended> =>
    mira(["--network", deserted, "-o", "json", "audit", "check", "--from", folder]);
  const held = await checkCopy();
  assert.equal(held.code, EXIT.ok, held.stderr);
  assert.equal((JSON.parse(held.stdout) as { entries: unknown }).entries, copied["entries"]);
  const files = (await readdir(folder, { recursive: true, withFileTypes: true }))
    .filter((file) => file.isFile())
    .map((file) => relative(folder, join(file.parentPath, file.name)));
  assert.ok(files.length >= 3, files.join(" "));
  for (const file of files) {
    const whole = await readFile(join(folder, file));
    const changed = Buffer.from(whole);
    const at = Math.floor(whole.length / 2);
    changed[at] = (changed[at] ?? 0) ^ 1;
    await writeFile(join(folder, file), changed);
    const { code, stderr } = await checkCopy();
    assert.equal(code, EXIT.proofInvalid, file);
    assert.match(stderr, new RegExp(`file: ${file.replaceAll(".", "\\.")}`));
    if (file.startsWith("tile/")) assert.match(stderr, /entry: \d+/);
    await writeFile(join(folder, file), whole);
  }
  assert.equal((await checkCopy()).code, EXIT.ok);
  assert.equal((await fetch(`${network.logUrl ?? ""}/checkpoint`)).status, 200);
});
