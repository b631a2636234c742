/** What every peer answers: transactions per second of its own best way to do the work. */

export type PeerResult = {
  readonly name: string;
  /** Median of the slices. */
  readonly tps: number;
  readonly slices: readonly number[];
  /** What a transaction is, how it is sent, and whether it survives a power cut. */
  readonly conditions: string;
};

export type PeerEffort = { readonly slices: number; readonly sliceMs: number };
