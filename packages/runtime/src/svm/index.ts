/** The SVM behind one interface. */
export type { SvmHeader } from "./litesvm.ts";
export { LITESVM_VERSION } from "./litesvm.ts";
export { REFUSED_PROGRAMS } from "./account-keys.ts";
export type { ExecuteOptions } from "./pace.ts";
export { findProgramdataKey } from "./programs.ts";
export { createResidentSvm, type ResidentSvm } from "./resident-svm.ts";
export { createSvmRuntime, type SvmInputs, type SvmOutput, type SvmRuntime } from "./svm-runtime.ts";
