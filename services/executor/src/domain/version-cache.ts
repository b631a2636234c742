/**
 * Account values by version, as results and reads bring them. More than one version of an account is kept while a partition may still
 * ask for an older one: a later writer can run before an earlier reader. Bounded by accounts; what was not asked for lately goes.
 */

export type CachedVersion<Value> = {
  readonly version: number;
  /** Undefined: at this version the account does not exist. */
  readonly value: Value | undefined;
};

export type VersionCacheOptions = { readonly accountsMax: number };

/** Ascending by version. */
type Versions<Value> = CachedVersion<Value>[];

export class VersionCache<Value> {
  readonly #generationMax: number;
  #young = new Map<string, Versions<Value>>();
  #old = new Map<string, Versions<Value>>();
  #settledSequence = 0;

  constructor({ accountsMax }: VersionCacheOptions) {
    this.#generationMax = Math.max(1, Math.floor(accountsMax / 2));
  }

  /** Accounts, at most `accountsMax`. */
  get size(): number {
    return this.#young.size + this.#old.size;
  }

  /** Sequence numbers below this are settled: of the versions they made only the newest can still be asked for. */
  settle(sequence: number): void {
    this.#settledSequence = Math.max(this.#settledSequence, sequence);
  }

  /** A version that is known already is replaced: whoever made it first may have been refused. */
  put(key: string, version: number, value: Value | undefined): void {
    const versions = this.#get(key) ?? [];
    const at = findPlace(versions, version);
    versions.splice(at, versions[at]?.version === version ? 1 : 0, { version, value });
    this.#prune(versions);
    this.#store(key, versions);
  }

  find(key: string, version: number): CachedVersion<Value> | undefined {
    const versions = this.#get(key);
    return versions?.find((known) => known.version === version);
  }

  /** The newest version made by a sequence number below `firstSequence`. */
  findBefore(key: string, firstSequence: number): CachedVersion<Value> | undefined {
    return this.#get(key)?.findLast((known) => known.version <= firstSequence);
  }

  forget(key: string, version: number): void {
    const versions = this.#get(key);
    if (versions === undefined) return;
    const at = findPlace(versions, version);
    if (versions[at]?.version === version) versions.splice(at, 1);
    if (versions.length > 0) return;
    this.#young.delete(key);
    this.#old.delete(key);
  }

  #get(key: string): Versions<Value> | undefined {
    const young = this.#young.get(key);
    if (young !== undefined) return young;
    const old = this.#old.get(key);
    if (old !== undefined) this.#store(key, old);
    return old;
  }

  /** Two generations instead of a list of uses: what is asked for moves to the young one, and the old one is dropped whole. */
  #store(key: string, versions: Versions<Value>): void {
    this.#old.delete(key);
    this.#young.set(key, versions);
    if (this.#young.size < this.#generationMax) return;
    this.#old = this.#young;
    this.#young = new Map();
  }

  #prune(versions: Versions<Value>): void {
    let settled = 0;
    while ((versions[settled + 1]?.version ?? Infinity) <= this.#settledSequence) settled++;
    if (settled > 0) versions.splice(0, settled);
  }
}

function findPlace(versions: readonly CachedVersion<unknown>[], version: number): number {
  let at = versions.length;
  while (at > 0 && (versions[at - 1]?.version ?? 0) >= version) at--;
  return at;
}
