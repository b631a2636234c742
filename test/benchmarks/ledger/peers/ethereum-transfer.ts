/** EIP-1559 transfers for the EVM peer: RLP, Keccak-256 and secp256k1, no more of Ethereum than that. */
import { secp256k1 } from "@noble/curves/secp256k1.js";
import { keccak_256 } from "@noble/hashes/sha3.js";

export type EthereumTransfer = {
  readonly chainId: bigint;
  readonly nonce: bigint;
  readonly maxPriorityFeePerGas: bigint;
  readonly maxFeePerGas: bigint;
  readonly gasLimit: bigint;
  /** 20 bytes. */
  readonly to: Uint8Array;
  readonly valueWei: bigint;
};

type RlpItem = Uint8Array | bigint | readonly RlpItem[];

const TRANSACTION_TYPE = 2;

/** `0x02 || rlp([...fields, yParity, r, s])` (EIP-2718, EIP-1559). */
export function signTransfer(transfer: EthereumTransfer, secretKey: Uint8Array): Uint8Array {
  const fields = [
    transfer.chainId,
    transfer.nonce,
    transfer.maxPriorityFeePerGas,
    transfer.maxFeePerGas,
    transfer.gasLimit,
    transfer.to,
    transfer.valueWei,
    new Uint8Array(),
    [],
  ];
  const digest = keccak_256(prefix(encodeRlp(fields)));
  const signature = secp256k1.sign(digest, secretKey, { prehash: false, format: "recovered" });
  const [recovery = 0] = signature;
  return prefix(
    encodeRlp([
      ...fields,
      BigInt(recovery),
      toNumber(signature.subarray(1, 33)),
      toNumber(signature.subarray(33, 65)),
    ]),
  );
}

/** The last 20 bytes of the hash of the uncompressed public key. */
export function addressOf(secretKey: Uint8Array): Uint8Array {
  return keccak_256(secp256k1.getPublicKey(secretKey, false).subarray(1)).subarray(12);
}

export function encodeRlp(item: RlpItem): Uint8Array {
  if (typeof item === "bigint") return encodeRlp(toBytes(item));
  if (item instanceof Uint8Array) {
    const [only = 0x80] = item;
    return item.length === 1 && only < 0x80 ? item : Buffer.concat([encodeLength(item.length, 0x80), item]);
  }
  const body = Buffer.concat(item.map(encodeRlp));
  return Buffer.concat([encodeLength(body.length, 0xc0), body]);
}

function encodeLength(length: number, base: number): Uint8Array {
  if (length < 56) return Uint8Array.of(base + length);
  const bytes = toBytes(BigInt(length));
  return Uint8Array.of(base + 55 + bytes.length, ...bytes);
}

/** Big-endian, no leading zeros; zero is empty. */
function toBytes(value: bigint): Uint8Array {
  if (value === 0n) return new Uint8Array();
  const hex = value.toString(16);
  return Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, "hex");
}

function toNumber(bytes: Uint8Array): bigint {
  return BigInt(`0x${Buffer.from(bytes).toString("hex")}`);
}

function prefix(body: Uint8Array): Uint8Array {
  return Buffer.concat([Uint8Array.of(TRANSACTION_TYPE), body]);
}
