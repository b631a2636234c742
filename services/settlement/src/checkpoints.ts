/** The signed heads of the audit log, for those who sign, those who prove and those who wait. */
import type { KeyPair } from "@mira/primitives";
import { Waiters } from "./domain/waiters.ts";
import type { AuditStore } from "./store/audit.ts";
import { Bell } from "./workers/bell.ts";
import { CheckpointSigner, type SignedHead } from "./workers/sign-checkpoints.ts";

export class Checkpoints {
  readonly sizes: Waiters;
  readonly bell = new Bell();
  readonly #signer: CheckpointSigner;

  constructor(options: {
    readonly audit: AuditStore;
    readonly origin: string;
    readonly signer: KeyPair;
    readonly waitersMax: number;
  }) {
    this.sizes = new Waiters(options.waitersMax);
    const onSigned = (size: number): void => this.sizes.advance(size);
    this.#signer = new CheckpointSigner({ ...options, store: options.audit, onSigned });
  }

  readonly newest = (): SignedHead | undefined => this.#signer.signed;

  start(): Promise<void> {
    return this.#signer.start();
  }

  sign(): Promise<void> {
    return this.#signer.sign();
  }

  run(signal: AbortSignal): Promise<void> {
    return this.#signer.run(this.bell, signal);
  }
}
