/** A judge of claims behind a chat endpoint: probed before it is used, and used as the probe found it. */
import { refuse, succeed } from "@mira/primitives";
import type { ChatClient, ModelResult } from "./chat/chat-types.ts";
import type { CapabilityStore } from "./probe/capability-file.ts";
import { describeCapabilities, type CapabilityRecord } from "./probe/capability-record.ts";
import { probeCapabilities, type ProbeSettings } from "./probe/probe-capabilities.ts";
import { judgeClaim, type ClaimToJudge, type JudgeSettings } from "./protocol/judge-claim.ts";
import type { Judgement } from "./protocol/judgement.ts";
import { computePromptDigest } from "./protocol/verdict-prompt.ts";

/** Anything that has an opinion on a claim: a chat model or a classifier. */
export type Judge = {
  readonly name: string;
  /** Throws only when the signal aborts. Undefined: nothing here for it to judge. */
  readonly judge: (claim: ClaimToJudge, signal: AbortSignal) => Promise<ModelResult<Judgement | undefined>>;
};

export type ChatJudge = Judge & {
  /** Probes now, unless a current record is there. */
  readonly prepare: (signal: AbortSignal) => Promise<ModelResult<CapabilityRecord>>;
};

export type ChatJudgeOptions = {
  readonly name: string;
  readonly client: ChatClient;
  readonly records: CapabilityStore;
  readonly settings: Pick<JudgeSettings, "permutations" | "votes" | "confidenceMin" | "rationale" | "draw"> &
    ProbeSettings;
  /** Told of every new record, also of one that makes the model unusable. */
  readonly onProbed?: (record: CapabilityRecord, lines: readonly string[]) => void;
  readonly probeEveryMs?: number;
};

const DAY_MS = 86_400_000;
/** After a probe that failed: claims in between are abstained from, and the server is left in peace. */
const PROBE_AGAIN_MS = 60_000;
const CHANGING = refuse("MODEL_NOT_USABLE", "the model behind the server changes again and again");

export function createChatJudge({
  name,
  client,
  records,
  settings,
  ...options
}: ChatJudgeOptions): ChatJudge {
  const { onProbed, probeEveryMs = DAY_MS } = options;
  let known: CapabilityRecord | undefined;
  let stale = false;
  let renewedAt = Number.NEGATIVE_INFINITY;
  let failed: { readonly at: number; readonly refusal: ModelResult<never> } | undefined;
  const isCurrent = (record: CapabilityRecord | undefined): record is CapabilityRecord =>
    record?.url === client.url &&
    record.model === client.model &&
    record.promptDigest === computePromptDigest(record.style) &&
    settings.now() - record.probedAt < probeEveryMs &&
    record.probedAt <= settings.now();

  const probe = async (signal: AbortSignal): Promise<ModelResult<CapabilityRecord>> => {
    if (!stale) {
      if (isCurrent(known)) return succeed(known);
      known = await records.read();
      if (isCurrent(known)) return succeed(known);
    }
    if (failed !== undefined && settings.now() - failed.at < PROBE_AGAIN_MS) return failed.refusal;
    if (stale) {
      if (settings.now() - renewedAt < PROBE_AGAIN_MS) return CHANGING;
      renewedAt = settings.now();
    }
    const probed = await probeCapabilities(client, settings, signal);
    if (!probed.ok) {
      failed = { at: settings.now(), refusal: probed };
      return probed;
    }
    known = probed.value;
    stale = false;
    onProbed?.(known, describeCapabilities(known));
    await records.write(known);
    return probed;
  };

  // Claims that come while the probe runs wait for that one.
  let probing: Promise<ModelResult<CapabilityRecord>> | undefined;
  const probeOnce = (signal: AbortSignal): Promise<ModelResult<CapabilityRecord>> => {
    probing ??= probe(signal).finally(() => (probing = undefined));
    return probing;
  };

  return {
    name,
    prepare: probeOnce,
    async judge(claim, signal) {
      const record = await probeOnce(signal);
      if (!record.ok) return record;
      const { style, topLogprobs, modelDigest, injection, servedModel, fingerprint } = record.value;
      if (injection.resisted < injection.tried)
        return refuse("MODEL_NOT_USABLE", "the model did what a claim told it to", {
          tried: injection.tried,
          resisted: injection.resisted,
        });
      const served = { model: servedModel, fingerprint };
      const probed = { style, topLogprobs, modelDigest, served };
      const judged = await judgeClaim(claim, client, { ...settings, ...probed }, signal);
      // Whatever stands behind the server now is not what was probed.
      stale ||= !judged.ok && judged.code === "MODEL_NOT_USABLE";
      return judged;
    },
  };
}
