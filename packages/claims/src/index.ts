/** Response -> sentences -> claims; deterministic checkers with re-checkable witnesses. */
export { arithmeticChecker } from "./checkers/arithmetic/arithmetic.ts";
export { dateChecker } from "./checkers/dates/dates.ts";
export { figureChecker } from "./checkers/figures/figures.ts";
export { quotationChecker } from "./checkers/quotation/quotation.ts";
export {
  CHECKERS,
  findJudged,
  isProof,
  loadCheckers,
  recheckWitness,
  runCheckers,
} from "./checkers/run-checkers.ts";
export { unitChecker } from "./checkers/units/units.ts";
export { createModelDecomposer, type ModelDecomposerOptions } from "./decomposer/model/model-decomposer.ts";
export {
  decomposeBuiltIn,
  type ChatModel,
  type ChatModelAnswer,
  type ChatModelRequest,
  type Decomposer,
} from "./decomposer/port.ts";
export { listClaimIndexes, recombine } from "./decomposer/recombine.ts";
export { CLAIMS_MAX, decomposeByRules, LINES_MAX, RESPONSE_BYTES_MAX } from "./response/decompose.ts";
export { extractClaims } from "./response/extract.ts";
export { SOURCE_CHARS_MAX, SOURCES_MAX } from "./sources/source-index.ts";
export { cleanText, type CleanText } from "./untrusted/clean-text.ts";
export { findInstructions, isInstructionLike, type InstructionSign } from "./untrusted/instruction-like.ts";
export {
  estimateSupport,
  lexicalSupportChecker,
  readEvidence,
  type SemanticChecker,
  type SupportEstimate,
} from "./entailment/estimate-support.ts";
export { SUPPORT_FEATURES, type SupportDescription } from "./entailment/describe.ts";
export {
  assignFolds,
  createRandom,
  fitSupportModel,
  predictSupport,
  type SupportExample,
  type SupportModel,
} from "./entailment/fit.ts";
export { SUPPORT_MODEL } from "./entailment/model.ts";
export type * from "./types.ts";
