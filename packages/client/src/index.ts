/** @mira/client: talk to a Mira network, and check offline what it says. */
export {
  verifyCertificate,
  type CertificateChecks,
  type CertificateClaim,
  type Statement,
  type VerifiedCertificate,
} from "@mira/certificate";
export { callStream, callUnary, CallError, type CallSettings } from "./call.ts";
export * from "./client.ts";
export * from "./intents.ts";
export * from "./ledger-client.ts";
export { exportLog, openLog, type ExportedLog } from "./log-files.ts";
export * from "./network.ts";
export { signWithSession } from "./session-signature.ts";
export { verifyDraws, type VerifiedDraw } from "./verify-draw.ts";
export { verifyEntryProof, type VerifiedEntry } from "./verify-entry.ts";
export { verifyReceiptProof, type VerifiedReceipt } from "./verify-receipt.ts";
export {
  createKeyPair,
  decodeBase58,
  decodeKey,
  encodeBase58,
  parseBaseUnits,
  parseLamports,
  parseUnixMs,
  RefusalError,
  unwrap,
  type KeyPair,
  type Refusal,
  type Result,
  type SessionGrant,
} from "@mira/primitives";
