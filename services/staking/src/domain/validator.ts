/** One validator's stake: bonded, unbonding (still slashable), slashed; jailed for ever after an equivocation. */
import { SPRT_START, updateSprt, type SprtPlan, type SprtState } from "@mira/drift";
import { unreachable, type BaseUnits, type UnixMs } from "@mira/primitives";

/**
 * Honest against guessing at yes or no. Of a thousand honest validators any one is ever convicted once in a thousand such networks, over their
 * whole lives and however contrarian; a guesser is missed once in a hundred.
 */
export const SPRT_PLAN: SprtPlan = {
  honestAccuracy: 0.8,
  faultyAccuracy: 0.5,
  falseConviction: 1e-6,
  missedFault: 0.01,
};

export type SignedBytes = { readonly attestation: Uint8Array; readonly signature: Uint8Array };

export type CarelessKind = "commit-missing" | "reveal-missing";

export type StakingEvent =
  | {
      readonly type: "StakeBonded";
      readonly validatorId: string;
      readonly publicKey: Uint8Array;
      readonly operator: Uint8Array;
      readonly family: string;
      readonly amount: BaseUnits;
      /** The base ledger's transfer that moved the stake; also what makes a bond intent count once. */
      readonly transferId: string;
      readonly at: UnixMs;
    }
  | {
      readonly type: "UnbondingStarted";
      readonly validatorId: string;
      readonly amount: BaseUnits;
      readonly endsAt: UnixMs;
      readonly at: UnixMs;
    }
  | {
      readonly type: "StakeUnbonded";
      readonly validatorId: string;
      readonly amount: BaseUnits;
      readonly transferId: string;
      readonly at: UnixMs;
    }
  | {
      readonly type: "EvidenceAccepted";
      readonly validatorId: string;
      /** Hex. */
      readonly evidenceId: string;
      readonly fault: "equivocation" | "failed-probes";
      readonly first: SignedBytes;
      readonly second: SignedBytes;
      readonly reporter: Uint8Array;
      readonly slash: BaseUnits;
      readonly at: UnixMs;
    }
  | {
      /** Careless, not dishonest: what was drawn for and not done. */
      readonly type: "FaultRecorded";
      readonly validatorId: string;
      /** Hex. */
      readonly faultId: string;
      readonly kind: CarelessKind;
      readonly verificationId: string;
      readonly round: number;
      readonly policy: string;
      /** 0 when the budget of the day is used up. */
      readonly slash: BaseUnits;
      readonly at: UnixMs;
    }
  | {
      readonly type: "ProbeJudged";
      readonly validatorId: string;
      readonly probeId: string;
      readonly verificationId: string;
      readonly isCorrect: boolean;
      readonly attestation: Uint8Array;
      readonly signature: Uint8Array;
      readonly at: UnixMs;
    }
  | {
      readonly type: "StakeSlashed";
      readonly validatorId: string;
      readonly evidenceId: string;
      readonly amount: BaseUnits;
      readonly transferId: string;
      readonly at: UnixMs;
    };

export type KnownValidator = {
  readonly status: "known";
  readonly validatorId: string;
  readonly publicKey: Uint8Array;
  readonly operator: Uint8Array;
  readonly family: string;
  readonly bonded: BaseUnits;
  /** Leaving, and still slashable until its end. */
  readonly unbonding: BaseUnits;
  readonly unbondingEndsAt: UnixMs | undefined;
  readonly bondedAt: UnixMs;
  readonly tombstoned: boolean;
  readonly transferIds: ReadonlySet<string>;
  readonly evidenceIds: ReadonlySet<string>;
  /** `probe/verification` of answers that were judged: each counts once. */
  readonly answerIds: ReadonlySet<string>;
  /** The test over them. */
  readonly sprt: SprtState;
  /** Of careless faults: each counts once. */
  readonly faultIds: ReadonlySet<string>;
  /** What careless faults took since the day's budget began anew. */
  readonly careless: { readonly since: UnixMs; readonly taken: BaseUnits };
  /** Slashes whose stake has not moved on the base ledger yet, by evidence or fault id. */
  readonly openSlashes: ReadonlyMap<string, BaseUnits>;
};

export type ValidatorState = { readonly status: "none" } | KnownValidator;

export const initialState: ValidatorState = { status: "none" };

export function evolve(state: ValidatorState, event: StakingEvent): ValidatorState {
  if (event.type === "StakeBonded") return evolveBonded(state, event);
  if (state.status === "none") return state;
  switch (event.type) {
    case "UnbondingStarted":
      return {
        ...state,
        ...moveUnits(state, 0n - event.amount, event.amount),
        unbondingEndsAt: event.endsAt,
      };
    case "StakeUnbonded":
      return { ...state, ...moveUnits(state, 0n, 0n - event.amount), unbondingEndsAt: undefined };
    case "EvidenceAccepted":
      return evolveEvidence(state, event);
    case "FaultRecorded":
      return evolveFault(state, event);
    case "ProbeJudged":
      return {
        ...state,
        answerIds: new Set(state.answerIds).add(`${event.probeId}/${event.verificationId}`),
        sprt: updateSprt(SPRT_PLAN, state.sprt, event.isCorrect),
      };
    case "StakeSlashed": {
      const openSlashes = new Map(state.openSlashes);
      openSlashes.delete(event.evidenceId);
      return { ...state, openSlashes };
    }
    default:
      return unreachable(event);
  }
}

function evolveBonded(
  state: ValidatorState,
  event: Extract<StakingEvent, { type: "StakeBonded" }>,
): KnownValidator {
  if (state.status === "known")
    return {
      ...state,
      ...moveUnits(state, event.amount, 0n),
      transferIds: new Set(state.transferIds).add(event.transferId),
    };
  const { validatorId, publicKey, operator, family, amount, at } = event;
  return {
    status: "known",
    validatorId,
    publicKey,
    operator,
    family,
    bonded: amount,
    unbonding: 0n as BaseUnits,
    unbondingEndsAt: undefined,
    bondedAt: at,
    tombstoned: false,
    transferIds: new Set([event.transferId]),
    evidenceIds: new Set(),
    answerIds: new Set(),
    sprt: SPRT_START,
    faultIds: new Set(),
    careless: { since: at, taken: 0n as BaseUnits },
    openSlashes: new Map(),
  };
}

function evolveEvidence(
  state: KnownValidator,
  { evidenceId, slash }: Extract<StakingEvent, { type: "EvidenceAccepted" }>,
): KnownValidator {
  return {
    ...takeSlash(state, evidenceId, slash),
    tombstoned: true,
    evidenceIds: new Set(state.evidenceIds).add(evidenceId),
  };
}

function evolveFault(
  state: KnownValidator,
  { faultId, slash, at }: Extract<StakingEvent, { type: "FaultRecorded" }>,
): KnownValidator {
  const { since, taken } = isBudgetOver(state, at) ? { since: at, taken: 0n } : state.careless;
  return {
    ...takeSlash(state, faultId, slash),
    faultIds: new Set(state.faultIds).add(faultId),
    careless: { since, taken: (taken + slash) as BaseUnits },
  };
}

const DAY_MS = 24 * 60 * 60 * 1000;

/** Whether the day that the budget for careless faults holds for has passed. */
export function isBudgetOver({ careless }: KnownValidator, at: UnixMs): boolean {
  return at - careless.since >= DAY_MS;
}

/** The slash is taken from what is bonded first, then from what is leaving. */
function takeSlash(state: KnownValidator, id: string, slash: BaseUnits): KnownValidator {
  if (slash === 0n) return state;
  const fromBonded = slash < state.bonded ? slash : state.bonded;
  return {
    ...state,
    ...moveUnits(state, 0n - fromBonded, fromBonded - slash),
    openSlashes: new Map(state.openSlashes).set(id, slash),
  };
}

function moveUnits(
  state: KnownValidator,
  bonded: bigint,
  unbonding: bigint,
): Pick<KnownValidator, "bonded" | "unbonding"> {
  return {
    bonded: (state.bonded + bonded) as BaseUnits,
    unbonding: (state.unbonding + unbonding) as BaseUnits,
  };
}
