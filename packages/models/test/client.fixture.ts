/** A client and a judge as a validator would configure them, for tests. */
import {
  createChatClient,
  createChatJudge,
  createSpendingMemory,
  openBudget,
  type BudgetLimits,
  type CapabilityRecord,
  type CapabilityStore,
  type ChatClient,
  type ChatClientOptions,
  type Judge,
} from "../src/index.ts";
import type { ChatRequest } from "../src/chat/chat-types.ts";

export const NEVER = new AbortController().signal;

export const REQUEST: ChatRequest = {
  messages: [{ role: "user", content: "hello" }],
  format: { kind: "text" },
  temperature: 0,
  seed: 1,
  outputTokensMax: 8,
  topLogprobs: 0,
};

type Settings = Partial<ChatClientOptions> & { readonly limits?: Partial<BudgetLimits> };

export async function createTestClient(
  url: string,
  { limits, ...options }: Settings = {},
): Promise<ChatClient> {
  const budget = await openBudget(
    { windowMs: 3_600_000, tokensMax: 10_000_000, ...limits },
    createSpendingMemory(),
    Date.now,
  );
  return createChatClient({
    url,
    model: "tiny",
    timeoutMs: 2_000,
    callsAtOnceMax: 4,
    budget,
    retry: { attemptsMax: 3, baseMs: 5, waitMsMax: 200 },
    ...options,
  });
}

export function createRecordMemory(): CapabilityStore & { readonly records: CapabilityRecord[] } {
  const records: CapabilityRecord[] = [];
  return {
    records,
    read: () => Promise.resolve(records.at(-1)),
    write: (record) => {
      records.push(record);
      return Promise.resolve();
    },
  };
}

export const JUDGE_SETTINGS = {
  permutations: 2,
  votes: 5,
  confidenceMin: 0.6,
  rationale: false,
  outputTokensMax: 16,
  seed: 11,
  declaredDigest: "",
  now: () => 1_000_000,
};

export function createTestJudge(
  client: ChatClient,
  settings: Partial<typeof JUDGE_SETTINGS> = {},
  records: CapabilityStore = createRecordMemory(),
): Judge {
  return createChatJudge({ name: "openai", client, records, settings: { ...JUDGE_SETTINGS, ...settings } });
}

export const SOURCES = [
  { title: "Record", text: "The north pier of the harbour was opened in 1932, and it is 410 metres long." },
];
export const TRUE_CLAIM = { claim: "The north pier of the harbour was opened in 1932.", sources: SOURCES };
export const FALSE_CLAIM = { claim: "The north pier of the harbour was opened in 1958.", sources: SOURCES };
export const OPEN_CLAIM = { claim: "Sailors prefer another museum cafe.", sources: SOURCES };
