/** Which result brought which account version, so that those of a refused result can be taken out of the cache again. */

export type VersionName = { readonly key: string; readonly version: number };
export type ResultName = {
  readonly batchNumber: number;
  readonly partition: number;
  readonly executorId: string;
};

export class ResultOrigins {
  readonly #versionsOf = new Map<
    string,
    { readonly batchNumber: number; readonly versions: VersionName[] }
  >();
  readonly #originOf = new Map<string, string>();

  get size(): number {
    return this.#versionsOf.size;
  }

  /** A version that another result has brought before now counts as this one's. */
  note(name: ResultName, versions: readonly VersionName[]): void {
    const origin = toText(name);
    this.#versionsOf.set(origin, { batchNumber: name.batchNumber, versions: [...versions] });
    for (const version of versions) this.#originOf.set(toVersionText(version), origin);
  }

  /** What to forget: versions of the refused result that nobody else has made since. */
  refuse(name: ResultName): readonly VersionName[] {
    const origin = toText(name);
    const versions = this.#versionsOf.get(origin)?.versions ?? [];
    const own = versions.filter((version) => this.#originOf.get(toVersionText(version)) === origin);
    this.#drop(origin);
    return own;
  }

  /** Settled results are refused no more. */
  settle(settledBatches: number): void {
    for (const [origin, { batchNumber }] of this.#versionsOf)
      if (batchNumber < settledBatches) this.#drop(origin);
  }

  #drop(origin: string): void {
    for (const version of this.#versionsOf.get(origin)?.versions ?? []) {
      const name = toVersionText(version);
      if (this.#originOf.get(name) === origin) this.#originOf.delete(name);
    }
    this.#versionsOf.delete(origin);
  }
}

function toText({ batchNumber, partition, executorId }: ResultName): string {
  return `${batchNumber} ${partition} ${executorId}`;
}

function toVersionText({ key, version }: VersionName): string {
  return `${version} ${key}`;
}
