/** A chat endpoint with its budget on disk, as a service is configured with it. */
import { join } from "node:path";
import { encodeHex, encodeUtf8, sha256 } from "@mira/primitives";
import { openBudget, type BudgetLimits } from "../chat/budget.ts";
import { createChatClient, type ChatClientOptions } from "../chat/chat-client.ts";
import type { ChatClient } from "../chat/chat-types.ts";
import { openSpendingFile } from "../chat/spending-file.ts";

export type ChatEndpoint = Pick<ChatClientOptions, "url" | "model" | "timeoutMs" | "callsAtOnceMax"> & {
  readonly apiKey: string | undefined;
  readonly limitField: NonNullable<ChatClientOptions["limitField"]>;
  readonly limits: BudgetLimits;
  /** Of what was spent. MUST survive restarts: a budget is per window, not per start. */
  readonly stateFolder: string;
};

export type OpenedEndpoint = {
  readonly client: ChatClient;
  /** Another model or server has another; names what is kept about this one. */
  readonly fingerprint: string;
};

const FINGERPRINT_CHARACTERS = 16;

export async function openEndpoint(endpoint: ChatEndpoint): Promise<OpenedEndpoint> {
  const { url, model, apiKey, limits, stateFolder, timeoutMs, callsAtOnceMax, limitField } = endpoint;
  const fingerprint = encodeHex(sha256(encodeUtf8(`${url}\n${model}`))).slice(0, FINGERPRINT_CHARACTERS);
  const spending = openSpendingFile(join(stateFolder, `spending-${fingerprint}.json`));
  const budget = await openBudget(limits, spending, Date.now);
  const client = createChatClient({
    ...{ url, model, timeoutMs, callsAtOnceMax, limitField, budget },
    ...(apiKey !== undefined && { apiKey }),
  });
  return { client, fingerprint };
}
