/** Named checks that say whether a service can take work; drain turns the whole false for good. */

export type Check = { readonly ok: boolean; readonly detail: string };
export type ReadinessReport = {
  readonly ready: boolean;
  readonly state: ServiceState;
  readonly checks: Readonly<Record<string, Check>>;
};
export type ServiceState = "starting" | "serving" | "draining" | "stopped";

/** What a service's parts see: each sets its own checks. */
export type Health = {
  readonly setReady: (check: string, ok: boolean, detail?: string) => void;
};

export class Readiness implements Health {
  readonly #checks = new Map<string, Check>();
  readonly #listeners = new Set<(ready: boolean) => void>();
  #state: ServiceState = "starting";
  #ready = false;

  setReady(check: string, ok: boolean, detail = ""): void {
    this.#checks.set(check, { ok, detail });
    this.#announce();
  }

  setState(state: ServiceState): void {
    this.#state = state;
    this.#announce();
  }

  get state(): ServiceState {
    return this.#state;
  }

  get isReady(): boolean {
    return this.#state === "serving" && [...this.#checks.values()].every((check) => check.ok);
  }

  report(): ReadinessReport {
    return { ready: this.isReady, state: this.#state, checks: Object.fromEntries(this.#checks) };
  }

  /** Calls back at once and on every change, until the returned function is called. */
  watch(listener: (ready: boolean) => void): () => void {
    this.#listeners.add(listener);
    listener(this.isReady);
    return () => void this.#listeners.delete(listener);
  }

  #announce(): void {
    if (this.isReady === this.#ready) return;
    this.#ready = this.isReady;
    for (const listener of this.#listeners) listener(this.#ready);
  }
}
