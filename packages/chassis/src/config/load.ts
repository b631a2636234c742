/** Configuration is compiled once: loose environment in; a total, frozen object out; every problem reported together. */
import { ConfigProblem, type Entry } from "./entries.ts";

export type ConfigSpec = Readonly<Record<string, Entry<unknown>>>;
export type ConfigOf<Spec extends ConfigSpec> = {
  readonly [Key in keyof Spec]: Spec[Key] extends Entry<infer T> ? T : never;
};

/** What must hold between entries: `says` is the sentence reported when it does not. */
export type Relation<Config> = {
  readonly says: string;
  readonly holds: (config: Config) => boolean;
};

export type LoadedConfig<Config> =
  | { readonly ok: true; readonly config: Config }
  | { readonly ok: false; readonly problems: readonly string[] };

export type Environment = Readonly<Record<string, string | undefined>>;

/** Relations are asserted only when every entry parsed: a relation between broken values says nothing. */
export function loadConfig<const Spec extends ConfigSpec>(
  spec: Spec,
  env: Environment,
  relations: readonly Relation<ConfigOf<Spec>>[] = [],
): LoadedConfig<ConfigOf<Spec>> {
  const problems: string[] = [];
  const values: Record<string, unknown> = {};
  for (const [key, entry] of Object.entries(spec))
    readEntry(entry, env, (value) => (values[key] = value), problems);
  if (problems.length > 0) return { ok: false, problems };
  const config = Object.freeze(values) as ConfigOf<Spec>;
  for (const relation of relations) if (!relation.holds(config)) problems.push(relation.says);
  return problems.length > 0 ? { ok: false, problems } : { ok: true, config };
}

function readEntry(
  entry: Entry<unknown>,
  env: Environment,
  accept: (value: unknown) => void,
  problems: string[],
): void {
  const raw = env[entry.name]?.trim() ?? "";
  if (raw === "") {
    if (entry.fallback === undefined) problems.push(`${entry.name}: needed, and not set`);
    else accept(entry.fallback.value);
    return;
  }
  try {
    accept(entry.parse(raw));
  } catch (error) {
    if (!(error instanceof ConfigProblem)) throw error;
    problems.push(`${entry.name}: ${error.message}`);
  }
}
