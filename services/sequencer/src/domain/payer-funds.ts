/** What fee payers have and have promised: one lookup per transaction when warm, and nobody waits behind payers who are broke. */

/** One fee payer. `spentLamports` counts from the balance, `pendingLamports` what is queued or unsettled. */
export type Payer = {
  readonly key: string;
  lamports: number;
  readAt: number;
  spentLamports: number;
  pendingLamports: number;
};

export type PayerFundsOptions = {
  /** A balance older than this is read again before it is trusted. */
  readonly trustMs: number;
  /** A payer found broke is not looked up again for this long. */
  readonly brokeMs: number;
  readonly payersMax: number;
};

export type FundsAnswer = "funded" | "unfunded" | "unknown";

/** Entries looked at to make room for a new one. */
const EVICTION_SCAN = 32;

export class PayerFunds {
  readonly #options: PayerFundsOptions;
  readonly #payers = new Map<string, Payer>();

  constructor(options: PayerFundsOptions) {
    this.#options = options;
  }

  get size(): number {
    return this.#payers.size;
  }

  /** Whether the payer can pay `feeLamports` beside what it has pending; unknown: read its balance first. */
  check(key: string, feeLamports: number, now: number): FundsAnswer {
    const payer = this.#payers.get(key);
    if (payer === undefined) return "unknown";
    const ageMs = now - payer.readAt;
    const isEnough = payer.lamports - payer.spentLamports >= feeLamports;
    if (isEnough) return ageMs <= this.#options.trustMs ? "funded" : "unknown";
    return ageMs <= this.#options.brokeMs ? "unfunded" : "unknown";
  }

  /** What is left beside everything pending, as far as known. */
  available(key: string): number {
    const payer = this.#payers.get(key);
    return payer === undefined ? 0 : Math.max(0, payer.lamports - payer.spentLamports);
  }

  /** Notes a settled balance. What is pending may be deducted in it already: counting it again errs on the safe side. */
  record(key: string, lamports: number, now: number): void {
    const payer = this.#payers.get(key);
    if (payer === undefined) this.#create(key, lamports, now);
    else {
      payer.lamports = lamports;
      payer.readAt = now;
      payer.spentLamports = payer.pendingLamports;
    }
  }

  /** Each reservation MUST be released once. */
  reserve(key: string, feeLamports: number): Payer {
    const payer = this.#payers.get(key) ?? this.#create(key, 0, 0);
    payer.spentLamports += feeLamports;
    payer.pendingLamports += feeLamports;
    return payer;
  }

  release(payer: Payer, feeLamports: number): void {
    payer.pendingLamports -= feeLamports;
  }

  #create(key: string, lamports: number, readAt: number): Payer {
    if (this.#payers.size >= this.#options.payersMax) this.#evict();
    const payer = { key, lamports, readAt, spentLamports: 0, pendingLamports: 0 };
    this.#payers.set(key, payer);
    return payer;
  }

  /** Only payers with nothing pending leave; what is pending is bounded elsewhere. */
  #evict(): void {
    let looked = 0;
    for (const [key, payer] of this.#payers) {
      if (payer.pendingLamports === 0) this.#payers.delete(key);
      if (++looked === EVICTION_SCAN) return;
    }
  }
}
