/**
 * Ed25519 (RFC 8032) for intents, attestations, checkpoints and results. Ledger transactions have a verifier of their
 * own, named in the batch header (packages/runtime/src/signatures.ts).
 */
import {
  createPrivateKey,
  createPublicKey,
  randomBytes,
  sign as cryptoSign,
  verify as cryptoVerify,
  type KeyObject,
} from "node:crypto";
import { assertLength } from "./bytes.ts";

const PRIVATE_PREFIX = Buffer.from("302e020100300506032b657004220420", "hex");
const PUBLIC_PREFIX = Buffer.from("302a300506032b6570032100", "hex");
const PUBLIC_KEYS_CACHED_MAX = 4096;
const publicKeys = new Map<string, KeyObject>();

export type KeyPair = {
  /** 32 bytes. */
  readonly publicKey: Uint8Array;
  /** 32 bytes, secret. */
  readonly seed: Uint8Array;
  readonly sign: (message: Uint8Array) => Uint8Array;
};

export function createKeyPair(seed: Uint8Array = randomBytes(32)): KeyPair {
  assertLength(seed, 32, "Ed25519 seed");
  const privateKey = createPrivateKey({
    key: Buffer.concat([PRIVATE_PREFIX, seed]),
    format: "der",
    type: "pkcs8",
  });
  const spki = createPublicKey(privateKey).export({ format: "der", type: "spki" });
  return {
    publicKey: new Uint8Array(spki.subarray(-32)),
    seed,
    sign: (message) => new Uint8Array(cryptoSign(null, message, privateKey)),
  };
}

/** False for wrong lengths too: a caller needs one answer. */
export function verifySignature(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
  if (publicKey.length !== 32 || signature.length !== 64) return false;
  const key = importPublicKey(publicKey);
  return key !== undefined && cryptoVerify(null, message, key, signature);
}

/** Importing a key costs a third of verifying with it, so the last few thousand are kept. */
function importPublicKey(publicKey: Uint8Array): KeyObject | undefined {
  const name = Buffer.from(publicKey).toString("latin1");
  const known = publicKeys.get(name);
  if (known !== undefined) return known;
  try {
    const key = createPublicKey({
      key: Buffer.concat([PUBLIC_PREFIX, publicKey]),
      format: "der",
      type: "spki",
    });
    if (publicKeys.size >= PUBLIC_KEYS_CACHED_MAX) publicKeys.clear();
    publicKeys.set(name, key);
    return key;
  } catch {
    return undefined;
  }
}
