/** Which messages were admitted within the blockhash window: a message whose blockhash has expired cannot come again. */

type SlotEntry = { readonly messages: Set<string>; readonly signatures: Set<string> };

/** Kept by the slot of the blockhash that the message names, so that expiry drops whole sets. */
export class DuplicateWindow {
  readonly #slots = new Map<number, SlotEntry>();
  #size = 0;

  get size(): number {
    return this.#size;
  }

  has(slot: number, messageHash: string): boolean {
    return this.#slots.get(slot)?.messages.has(messageHash) === true;
  }

  /** A cheap question before any hashing: whether a message with this first signature, or its beginning, was admitted. */
  hasSignature(slot: number, signature: string): boolean {
    return this.#slots.get(slot)?.signatures.has(signature) === true;
  }

  add(slot: number, messageHash: string, signature: string): void {
    let entry = this.#slots.get(slot);
    if (entry === undefined) {
      entry = { messages: new Set(), signatures: new Set() };
      this.#slots.set(slot, entry);
    }
    const before = entry.messages.size;
    entry.messages.add(messageHash);
    entry.signatures.add(signature);
    this.#size += entry.messages.size - before;
  }

  /** Forgets what names a blockhash older than `oldestSlot`. */
  expireBefore(oldestSlot: number): void {
    for (const [slot, entry] of this.#slots) {
      if (slot >= oldestSlot) continue;
      this.#size -= entry.messages.size;
      this.#slots.delete(slot);
    }
  }
}
