/** The examples do what their first lines say, against a network that they have not seen. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { join } from "node:path";
import { createTemporaryFolder } from "@mira/localnet/infra";
import { runProgram } from "./command.fixture.ts";
import { useLocalnet } from "./localnet.fixture.ts";

const localnet = useLocalnet();

async function runExample(name: string, ...args: readonly string[]): Promise<string> {
  const networkFile = join(localnet.get().stateDir, "network.json");
  const { code, stdout, stderr } = await runProgram(`examples/${name}.ts`, [networkFile, ...args]);
  assert.equal(code, 0, `${stdout}\n${stderr}`);
  return stdout;
}

test("transaction.ts sends SOL and tokens, waits for finality and checks the proofs", async () => {
  const printed = await runExample("transaction");
  assert.equal(printed.match(/: ok, finalized$/gm)?.length, 3);
  assert.equal(printed.match(/proven offline by entry \d+/g)?.length, 3);
  assert.match(printed, /recipient holds 250000000 lamports/);
  assert.match(printed, /recipient holds 300000 of the token's smallest units/);
});

test("session.ts is let act, and refused over the limit, off the list and at expiry", async () => {
  const printed = await runExample("session");
  assert.match(printed, /: ok, under session /);
  assert.match(
    printed,
    /over the limit: SESSION_LIMIT_EXCEEDED.*\n {2}rule: .*\n {2}needed: 1005000\n {2}left: 495000/,
  );
  assert.match(printed, /off the list: SESSION_RECIPIENT_DENIED.*\n {2}rule: recipient/);
  assert.match(printed, /at expiry: SESSION_EXPIRED/);
});

test("verification.ts has a response verified, and checks its certificate", async () => {
  const folder = await createTemporaryFolder("example");
  const printed = await runExample("verification", join(folder.path, "response.cert.json"));
  await folder.remove();
  assert.match(printed, /supported \(1\): 12 % of 250 is 30/);
  assert.match(printed, /refuted/);
  assert.match(
    printed,
    /certificate \w+ holds: signed by 3 operators, entry \d+ of mira-localnet\/certificates/,
  );
  assert.match(printed, /for another text: PROOF_INVALID/);
});
