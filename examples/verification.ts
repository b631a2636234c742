/**
 * Has a model's response verified by bonded validators, saves the certificate, and checks it with nothing but the file and
 * the network's public key.
 *
 *   npx node examples/verification.ts [network file] [certificate file]
 */
import { randomUUID } from "node:crypto";
import { readFile, writeFile } from "node:fs/promises";
import { connectMira, parseUnixMs, readNetworkFile, unwrap, verifyCertificate } from "@mira/client";

const RESPONSE =
  "12 % of 250 is 30. The warehouse opened on Monday, 14 May 2024. 3 km are 3,000 m, and 17 + 25 = 43.";
const VERDICTS: Readonly<Record<number, string>> = { 1: "supported", 2: "refuted", 3: "unresolved" };
const VERIFY_MS = 60_000;

const [networkFile, certificateFile = "response.cert.json"] = process.argv.slice(2);
const network = unwrap(
  readNetworkFile(networkFile ?? process.env["MIRA_NETWORK_FILE"] ?? ".mira/network.json"),
);
const mira = connectMira(network);
try {
  const verificationId = unwrap(await mira.verifyResponse({ requestId: randomUUID(), response: RESPONSE }));
  const { claims, certificateId } = unwrap(
    await mira.getVerification(verificationId, { wait: true, deadlineMs: VERIFY_MS }),
  );
  for (const { claim, verdict, confidence, attestations } of claims) {
    console.log(`${VERDICTS[verdict] ?? "none"} (${confidence}): ${claim?.text ?? ""}`);
    for (const { checker, witness } of attestations[0]?.evidence ?? [])
      console.log(`  ${checker}: ${witness}`);
  }
  await writeFile(certificateFile, unwrap(await mira.getCertificate(certificateId)));
} finally {
  mira.close();
}

// No network from here on.
const certificate = await readFile(certificateFile);
const now = parseUnixMs(Date.now());
const { certificateId, operators, logged } = unwrap(
  verifyCertificate(certificate, network, { now, response: RESPONSE }),
);
console.log(
  `certificate ${certificateId} holds: signed by ${operators.length} operators, entry ${logged.index} of ${logged.origin}`,
);
const another = verifyCertificate(certificate, network, { now, response: `${RESPONSE} And more.` });
console.log(another.ok ? "needed a refusal" : `for another text: ${another.code}: ${another.message}`);
