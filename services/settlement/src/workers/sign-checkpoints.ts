/** Signs the head of the audit log after it has grown. What is signed is remembered first; a smaller tree is never signed. */
import { encodeCheckpoint, signNote } from "@mira/merkle";
import { delay, unwrap, type KeyPair } from "@mira/primitives";
import { checkHead, type LogHead } from "../domain/audit-log.ts";
import type { Bell } from "./bell.ts";

/** Between two signatures: proofs wait no longer than this, and a busy log is not signed at every entry. */
const PAUSE_MS = 20;
const IDLE_MS = 1000;

export type SignedHead = LogHead & { readonly note: string };

export type HeadStore = {
  readonly readSize: () => Promise<number>;
  readonly computeRoot: (size: number) => Promise<Uint8Array>;
  readonly readSigned: () => Promise<SignedHead | undefined>;
  readonly rememberSigned: (head: SignedHead) => Promise<void>;
};

export class CheckpointSigner {
  readonly #store: HeadStore;
  readonly #origin: string;
  readonly #signer: KeyPair;
  readonly #onSigned: (size: number) => void;
  #signed: SignedHead | undefined;

  constructor(options: {
    readonly store: HeadStore;
    /** The network id: the log's name in every checkpoint. */
    readonly origin: string;
    readonly signer: KeyPair;
    readonly onSigned: (size: number) => void;
  }) {
    this.#store = options.store;
    this.#origin = options.origin;
    this.#signer = options.signer;
    this.#onSigned = options.onSigned;
  }

  get signed(): SignedHead | undefined {
    return this.#signed;
  }

  /** MUST resolve before anything is appended. Throws when the log in Postgres is not the one that was signed before. */
  async start(): Promise<void> {
    const before = await this.#store.readSigned();
    const size = await this.#store.readSize();
    if (before !== undefined) {
      unwrap(checkHead({ size, root: before.root }, before));
      const root = await this.#store.computeRoot(before.size);
      unwrap(checkHead({ size: before.size, root }, before));
    }
    this.#signed = before;
    if (before !== undefined) this.#onSigned(before.size);
    await this.sign();
  }

  /** Signs the log as it is, when it has grown since it was signed last. */
  async sign(): Promise<void> {
    const size = await this.#store.readSize();
    if (this.#signed?.size === size) return;
    const root = await this.#store.computeRoot(size);
    unwrap(checkHead({ size, root }, this.#signed));
    const note = signNote(encodeCheckpoint({ origin: this.#origin, size, root }), this.#origin, this.#signer);
    const head = { size, root, note };
    await this.#store.rememberSigned(head);
    this.#signed = head;
    this.#onSigned(size);
  }

  async run(bell: Bell, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await this.sign();
      await delay(PAUSE_MS, signal);
      await bell.wait(IDLE_MS, signal);
    }
    await this.sign();
  }
}
