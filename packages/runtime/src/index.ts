/** Execution of transactions: today the SVM. The ledger's bytes are in ./wire, the one signature rule in ./signatures. */
export * from "./svm/index.ts";
