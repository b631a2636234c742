/** Judges of claims with a model behind them: any OpenAI-compatible chat endpoint, and local classifiers in ONNX. */
export { openBudget, type Budget, type BudgetLimits, type Price, type SpendingStore } from "./chat/budget.ts";
export { createChatClient, type ChatClientOptions } from "./chat/chat-client.ts";
export type * from "./chat/chat-types.ts";
export { createGate } from "./chat/gate.ts";
export { createSpendingMemory, openSpendingFile } from "./chat/spending-file.ts";
export { createChatJudge, type ChatJudge, type ChatJudgeOptions, type Judge } from "./chat-judge.ts";
export { asChatModel } from "./chat-model.ts";
export { openEndpoint, type ChatEndpoint, type OpenedEndpoint } from "./endpoint/open-endpoint.ts";
export { openModelFolder, type ModelFolder } from "./onnx/model-folder.ts";
export { createNliJudge, type NliJudge } from "./onnx/nli-judge.ts";
export { loadOnnxRuntime, type OnnxRuntime } from "./onnx/runtime.ts";
export { openCapabilityFile, type CapabilityStore } from "./probe/capability-file.ts";
export { describeCapabilities, type CapabilityRecord } from "./probe/capability-record.ts";
export { probeCapabilities } from "./probe/probe-capabilities.ts";
export { judgeClaim, type ClaimToJudge, type JudgeSettings } from "./protocol/judge-claim.ts";
export type { Distribution, Judgement } from "./protocol/judgement.ts";
