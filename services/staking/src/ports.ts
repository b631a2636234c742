/** What the api and the worker need of others. */
import type { BaseUnits, Decision, Result, SignedIntent, UnixMs } from "@mira/primitives";
import type { StakingEvent, ValidatorState } from "./domain/validator.ts";
import type { FaultSummary, SlashSummary, ValidatorSummary } from "./domain/summary.ts";
import type { Standing } from "./domain/standing.ts";

export type ValidatorStreams = {
  readonly load: (validatorId: string) => Promise<{ readonly state: ValidatorState }>;
  readonly handle: (
    validatorId: string,
    decide: (state: ValidatorState) => Decision<StakingEvent>,
  ) => Promise<Result<{ readonly state: ValidatorState }>>;
};

export type ValidatorQuery = {
  readonly bondedOnly: boolean;
  readonly limit: number;
  readonly afterNumber: bigint;
};
export type ValidatorPage = {
  readonly validators: readonly ValidatorSummary[];
  readonly nextNumber: bigint | undefined;
};

export type ValidatorLists = {
  readonly listValidators: (query: ValidatorQuery) => Promise<ValidatorPage>;
  /** Newest first; of one validator, or of all when it is empty. */
  readonly listSlashes: (validatorId: string, limit: number) => Promise<readonly SlashSummary[]>;
};

export type StandingList = {
  /** In the order of the ids; of one nobody told anything of: nothing. */
  readonly readStandings: (validatorIds: readonly string[]) => Promise<readonly Standing[]>;
  /** Newest first. */
  readonly listFaults: (validatorId: string, limit: number) => Promise<readonly FaultSummary[]>;
};

/** What is added to it. */
export type StandingChange = {
  readonly validatorId: string;
  readonly agreed: number;
  readonly disagreed: number;
  readonly abstained: number;
  readonly probesPassed: number;
  readonly probesFailed: number;
};

/** Roots of probe sets, as they were told before any of their probes was asked. */
export type ProbeRoots = {
  readonly remember: (setId: string, root: Uint8Array) => Promise<void>;
  readonly find: (setId: string) => Promise<Uint8Array | undefined>;
};

/** Value that has to move on the base ledger because an event says so. */
export type Duty =
  | { readonly kind: "post-bond"; readonly validatorId: string; readonly transferId: string }
  | {
      readonly kind: "slash";
      readonly validatorId: string;
      readonly evidenceId: string;
      readonly amount: BaseUnits;
    }
  | { readonly kind: "end-unbonding"; readonly validatorId: string; readonly transferId: string }
  | {
      readonly kind: "release";
      readonly validatorId: string;
      readonly operator: Uint8Array;
      readonly amount: BaseUnits;
      readonly transferId: string;
    };

export type DutyList = {
  readonly listDue: (
    now: UnixMs,
    limit: number,
  ) => Promise<readonly { readonly dutyId: string; readonly duty: Duty }[]>;
  readonly remove: (dutyId: string) => Promise<void>;
};

export type TransferRequest = {
  /** Idempotency: the same id is the same transfer, and its name. */
  readonly requestId: string;
  readonly debit: string;
  readonly credit: string;
  readonly amount: BaseUnits;
  readonly reason: string;
  /** Above zero: reserved until posted or voided, for so long. */
  readonly pendingMs: number;
  readonly intent?: SignedIntent;
};

/** Settlement's base ledger; the answer of each is the transfer's id. */
export type BaseLedger = {
  /** Refused with TRANSFER_ENDED when the same request was made before and its reservation has ended: no value stands behind it. */
  readonly createTransfer: (request: TransferRequest) => Promise<Result<string>>;
  readonly postTransfer: (transferId: string) => Promise<Result<string>>;
  readonly voidTransfer: (transferId: string, reason: string) => Promise<Result<string>>;
};

export type Clock = { readonly now: () => UnixMs };
