/** A model's reply -> proposals, or nothing: whatever does not have the asked shape is not there. */
import type { SentenceKind } from "../../types.ts";

export type ProposedClaim = { readonly text: string; readonly quotes: readonly string[] };
export type Proposal = {
  readonly id: number;
  readonly kind: SentenceKind;
  readonly reason: string;
  readonly join: "all" | "any";
  readonly claims: readonly ProposedClaim[];
};

const REPLY_CHARS_MAX = 256 * 1024;
const REASON_CHARS_MAX = 160;

/** One proposal an id at most: a sentence that is answered twice is not answered. */
export function readReply(text: string): ReadonlyMap<number, Proposal> {
  const proposals = new Map<number, Proposal>();
  const twice = new Set<number>();
  for (const entry of listEntries(text)) {
    const proposal = readProposal(entry);
    if (proposal === undefined) continue;
    if (proposals.has(proposal.id)) twice.add(proposal.id);
    proposals.set(proposal.id, proposal);
  }
  for (const id of twice) proposals.delete(id);
  return proposals;
}

function listEntries(text: string): readonly unknown[] {
  if (text.length > REPLY_CHARS_MAX) return [];
  try {
    const value: unknown = JSON.parse(text);
    return isRecord(value) && Array.isArray(value["sentences"]) ? value["sentences"] : [];
  } catch {
    return [];
  }
}

function readProposal(entry: unknown): Proposal | undefined {
  if (!isRecord(entry)) return undefined;
  const { id, kind, reason, join, claims } = entry;
  const isKind = kind === "claim" || kind === "not-checkable" || kind === "ambiguous";
  if (typeof id !== "number" || !isKind || (join !== "all" && join !== "any")) return undefined;
  if (typeof reason !== "string" || !Array.isArray(claims)) return undefined;
  const read = claims.flatMap((claim: unknown) => readClaim(claim) ?? []);
  return { id, kind, reason: reason.slice(0, REASON_CHARS_MAX), join, claims: read };
}

function readClaim(claim: unknown): ProposedClaim | undefined {
  if (!isRecord(claim) || typeof claim["text"] !== "string" || !Array.isArray(claim["quotes"]))
    return undefined;
  const quotes: readonly unknown[] = claim["quotes"];
  const texts = quotes.filter((quote): quote is string => typeof quote === "string");
  return texts.length === quotes.length ? { text: claim["text"], quotes: texts } : undefined;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
