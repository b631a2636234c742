/** Who may execute and who may re-execute, by public key; and who is set aside. */
import { encodeBase58, type UnixMs } from "@mira/primitives";

export type ExecutorRecord = {
  readonly executorId: string;
  readonly publicKey: Uint8Array;
  asideFor: string | undefined;
  lastSeenAt: UnixMs;
};

export class Executors {
  readonly #executing: ReadonlyMap<string, ExecutorRecord>;
  readonly #reexecuting: ReadonlyMap<string, ExecutorRecord>;

  constructor(keys: { readonly execute: readonly Uint8Array[]; readonly reexecute: readonly Uint8Array[] }) {
    this.#executing = index(keys.execute);
    this.#reexecuting = index(keys.reexecute);
  }

  find(publicKey: Uint8Array): ExecutorRecord | undefined {
    return this.#executing.get(encodeBase58(publicKey));
  }

  findReexecutor(executorId: string): ExecutorRecord | undefined {
    return this.#reexecuting.get(executorId);
  }

  setAside(executorId: string, reason: string): void {
    const executor = this.#executing.get(executorId);
    if (executor !== undefined) executor.asideFor ??= reason;
  }

  list(): ExecutorRecord[] {
    return [...this.#executing.values(), ...this.#reexecuting.values()];
  }

  listAside(): string[] {
    return this.list().flatMap(({ executorId, asideFor }) => (asideFor === undefined ? [] : [executorId]));
  }
}

function index(keys: readonly Uint8Array[]): Map<string, ExecutorRecord> {
  return new Map(
    keys.map((publicKey) => {
      const executorId = encodeBase58(publicKey);
      return [executorId, { executorId, publicKey, asideFor: undefined, lastSeenAt: 0 as UnixMs }];
    }),
  );
}
