/** A Mira network on one machine, and the development keys it knows. */
export * from "./dev-keys.ts";
export { BOND_UNITS, type FundedAccount } from "./genesis.ts";
export { startLocalnet, type Localnet, type LocalnetOptions } from "./localnet.ts";
export type { Restartable } from "./restartable.ts";
export { ServiceFailed, type Supervised } from "./supervisor.ts";
