/**
 * Account versions whose only known maker was refused. Others may have computed on them before the refusal; what they made is
 * refused too, until somebody makes the version again.
 */
import type { InputsView, WritesView } from "@mira/runtime/wire";

/** Refusals are rare and each taints a partition's writes; past this the oldest are forgotten, and re-execution is left to notice. */
const TAINTED_MAX = 100_000;

export class TaintedVersions {
  readonly #versions = new Set<string>();

  get size(): number {
    return this.#versions.size;
  }

  taint(writes: WritesView): void {
    for (let index = 0; index < writes.count; index++)
      this.#add(`${writes.version(index)} ${writes.key(index)}`);
  }

  /** Someone whose result is admitted made these versions. */
  cleanse(writes: WritesView): void {
    if (this.#versions.size === 0) return;
    for (let index = 0; index < writes.count; index++)
      this.#versions.delete(`${writes.version(index)} ${writes.key(index)}`);
  }

  touches(inputs: InputsView): boolean {
    if (this.#versions.size === 0) return false;
    for (let index = 0; index < inputs.count; index++)
      if (this.#versions.has(`${inputs.version(index)} ${inputs.key(index)}`)) return true;
    return false;
  }

  #add(version: string): void {
    if (this.#versions.size >= TAINTED_MAX) {
      const [oldest] = this.#versions;
      if (oldest !== undefined) this.#versions.delete(oldest);
    }
    this.#versions.add(version);
  }
}
