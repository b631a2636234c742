/** Slots and their blockhashes: unpredictable to others, derived by the network's key, nothing stored per slot. */
import { invariant } from "@mira/primitives";

/** As on Solana: a transaction is valid while its blockhash is among the last 150. */
export const BLOCKHASH_SLOTS = 150;

export type SlotClock = {
  /** Unix milliseconds at which slot 0 began. */
  readonly genesisAt: number;
  readonly slotMs: number;
};

export function computeSlot(clock: SlotClock, now: number): number {
  return Math.max(0, Math.floor((now - clock.genesisAt) / clock.slotMs));
}

/** `derive` gives a slot's blockhash as 32 latin1 characters. Slots never go back, whatever the clock does. */
export class BlockhashWindow {
  readonly #derive: (slot: number) => string;
  readonly #slots = new Map<string, number>();
  #newest = -1;
  #newestHash = "";

  constructor(derive: (slot: number) => string) {
    this.#derive = derive;
  }

  get newestSlot(): number {
    return this.#newest;
  }

  /** The oldest slot whose blockhash is still valid. */
  get oldestSlot(): number {
    return Math.max(0, this.#newest - BLOCKHASH_SLOTS + 1);
  }

  /** Moves on to `slot`; true when it was a step. */
  advance(slot: number): boolean {
    if (slot <= this.#newest) return false;
    const previousOldest = this.oldestSlot;
    const first = Math.max(this.#newest + 1, slot - BLOCKHASH_SLOTS + 1);
    this.#newest = slot;
    for (let next = first; next <= slot; next++) {
      this.#newestHash = this.#derive(next);
      this.#slots.set(this.#newestHash, next);
    }
    if (this.oldestSlot > previousOldest)
      for (const [hash, at] of this.#slots) {
        if (at >= this.oldestSlot) break;
        this.#slots.delete(hash);
      }
    return true;
  }

  latest(): { readonly blockhash: string; readonly slot: number; readonly lastValidSlot: number } {
    invariant(this.#newest >= 0, "the blockhash window has been advanced");
    const slot = this.#newest;
    return { blockhash: this.#newestHash, slot, lastValidSlot: slot + BLOCKHASH_SLOTS - 1 };
  }

  /** The slot of a valid blockhash; undefined when it is expired or was never one. */
  find(blockhash: string): number | undefined {
    return this.#slots.get(blockhash);
  }
}
