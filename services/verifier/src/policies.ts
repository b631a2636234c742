/** The policies of a network: from a file, or those that come with it. */
import { readFileSync } from "node:fs";
import { parseBaseUnits } from "@mira/primitives";
import type { Policy, PolicyTier } from "./domain/policy.ts";

export type StandardPolicy = {
  readonly committeeSize: number;
  readonly commitMs: number;
  readonly revealMs: number;
};

/** Thrown at the start: says which policy, which field, and what was needed. */
export class PolicyProblem extends Error {
  constructor(message: string) {
    super(`policies: ${message}`);
    this.name = "PolicyProblem";
  }
}

/** 0.1 %: what UMA takes for a vote that was missed. */
const CARELESS_SLASH_BPS = 10;
const POLICIES_MAX = 64;
const TIERS_MAX = 16;
const DAY_MS = 24 * 60 * 60 * 1000;
/** The smallest bond there is: what a lie can cost one validator at least. */
const VALUE_MIN_BOND = parseBaseUnits("100000000000");

/** What a network has that configures none: `standard` first, so that it is what a request without a policy gets. */
export function createStandardPolicies({
  committeeSize,
  commitMs,
  revealMs,
}: StandardPolicy): readonly Policy[] {
  const common = {
    version: 1,
    domains: ["*"],
    operatorSeatsMax: 1,
    familyShareBps: 5_000,
    commitMs,
    revealMs,
    carelessSlashBps: CARELESS_SLASH_BPS,
    probeRateBps: 500,
    priceUnits: parseBaseUnits("1000000"),
  };
  const any = (size: number, confidenceMin: number): PolicyTier => ({
    valueMaxUnits: undefined,
    committeeSize: size,
    confidenceMin,
  });
  return [
    { ...common, name: "standard", tiers: [any(committeeSize, 0.5)], wideningsMax: 2, isPrivate: false },
    {
      ...common,
      name: "strict",
      tiers: [
        { valueMaxUnits: VALUE_MIN_BOND, committeeSize: Math.max(5, committeeSize), confidenceMin: 0.8 },
        any(Math.max(9, committeeSize), 0.9),
      ],
      wideningsMax: 3,
      isPrivate: false,
    },
    { ...common, name: "private", tiers: [any(committeeSize, 0.5)], wideningsMax: 1, isPrivate: true },
  ];
}

/** A JSON file: `[{ "name", "version", "domains", "tiers": [{ "valueMaxUnits"?, "committeeSize", "confidenceMin" }], ... }]`. */
export function readPolicies(path: string): readonly Policy[] {
  let parsed: unknown;
  try {
    parsed = JSON.parse(readFileSync(path, "utf8"));
  } catch (error) {
    throw new PolicyProblem(`${path} is not readable JSON: ${error instanceof Error ? error.message : ""}`);
  }
  return parsePolicies(parsed);
}

export function parsePolicies(parsed: unknown): readonly Policy[] {
  if (!Array.isArray(parsed) || parsed.length === 0 || parsed.length > POLICIES_MAX)
    throw new PolicyProblem(`needed a list of 1 to ${POLICIES_MAX}`);
  const policies = parsed.map((value: unknown, at) => parsePolicy(new Fields(value, `policy ${at + 1}`)));
  const names = policies.map(({ name, version }) => `${name}@${version}`);
  const twice = names.find((name, at) => names.indexOf(name) !== at);
  if (twice !== undefined) throw new PolicyProblem(`${twice} is there twice`);
  return policies;
}

function parsePolicy(fields: Fields): Policy {
  const name = fields.text("name", /^[a-z][a-z0-9.-]{0,63}$/);
  const policy: Policy = {
    name,
    version: fields.number("version", 1, 1_000_000),
    domains: fields.list("domains", 64).map((domain) => {
      if (typeof domain !== "string" || !/^(\*|[\w.-]{1,64})$/.test(domain))
        throw new PolicyProblem(`${name}: a domain is a word, or *`);
      return domain;
    }),
    tiers: fields
      .list("tiers", TIERS_MAX)
      .map((tier, at) => parseTier(new Fields(tier, `${name}, tier ${at + 1}`))),
    operatorSeatsMax: fields.number("operatorSeatsMax", 1, 101),
    familyShareBps: fields.number("familyShareBps", 1, 10_000),
    wideningsMax: fields.number("wideningsMax", 0, 5),
    commitMs: fields.number("commitMs", 100, DAY_MS),
    revealMs: fields.number("revealMs", 100, DAY_MS),
    carelessSlashBps: fields.number("carelessSlashBps", 0, 500),
    isPrivate: fields.flag("private"),
    probeRateBps: fields.number("probeRateBps", 0, 10_000),
    priceUnits: parseBaseUnits(fields.text("priceUnits", /^\d{1,30}$/)),
  };
  fields.end();
  return policy;
}

function parseTier(fields: Fields): PolicyTier {
  const value = fields.find("valueMaxUnits");
  if (value !== undefined && (typeof value !== "string" || !/^\d{1,30}$/.test(value)))
    throw new PolicyProblem(`${fields.where}: valueMaxUnits is base units, as decimal text`);
  const tier = {
    valueMaxUnits: value === undefined ? undefined : parseBaseUnits(value),
    committeeSize: fields.number("committeeSize", 1, 101),
    confidenceMin: fields.number("confidenceMin", 0, 1, false),
  };
  fields.end();
  return tier;
}

/** One JSON object: what is asked for must be there, and nothing else may be. */
class Fields {
  readonly where: string;
  readonly #values: ReadonlyMap<string, unknown>;
  readonly #asked = new Set<string>();

  constructor(value: unknown, where: string) {
    if (typeof value !== "object" || value === null || Array.isArray(value))
      throw new PolicyProblem(`${where} is not an object`);
    this.where = where;
    this.#values = new Map(Object.entries(value));
  }

  find(name: string): unknown {
    this.#asked.add(name);
    return this.#values.get(name);
  }

  text(name: string, pattern: RegExp): string {
    const value = this.find(name);
    if (typeof value !== "string" || !pattern.test(value))
      throw new PolicyProblem(`${this.where}: ${name} needs text like ${pattern.source}`);
    return value;
  }

  number(name: string, min: number, max: number, isWhole = true): number {
    const value = this.find(name);
    if (typeof value !== "number" || value < min || value > max || (isWhole && !Number.isInteger(value)))
      throw new PolicyProblem(`${this.where}: ${name} needs a number from ${min} to ${max}`);
    return value;
  }

  flag(name: string): boolean {
    const value = this.find(name);
    if (typeof value !== "boolean") throw new PolicyProblem(`${this.where}: ${name} needs true or false`);
    return value;
  }

  list(name: string, max: number): readonly unknown[] {
    const value = this.find(name);
    if (!Array.isArray(value) || value.length === 0 || value.length > max)
      throw new PolicyProblem(`${this.where}: ${name} needs a list of 1 to ${max}`);
    return value;
  }

  end(): void {
    const unknown = [...this.#values.keys()].find((name) => !this.#asked.has(name));
    if (unknown !== undefined) throw new PolicyProblem(`${this.where}: unknown field ${unknown}`);
  }
}
