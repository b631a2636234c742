/** One validator's stake: bonded, unbonding (still slashable), slashed; jailed for ever after an equivocation. */
import { unreachable, type BaseUnits, type UnixMs } from "@mira/primitives";

export type SignedBytes = { readonly attestation: Uint8Array; readonly signature: Uint8Array };

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
      readonly fault: "equivocation";
      readonly first: SignedBytes;
      readonly second: SignedBytes;
      readonly reporter: Uint8Array;
      readonly slash: BaseUnits;
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
  /** Accepted evidence whose stake has not moved on the base ledger yet, by evidence id. */
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
    openSlashes: new Map(),
  };
}

/** The slash is taken from what is bonded first, then from what is leaving. */
function evolveEvidence(
  state: KnownValidator,
  event: Extract<StakingEvent, { type: "EvidenceAccepted" }>,
): KnownValidator {
  const fromBonded = event.slash < state.bonded ? event.slash : state.bonded;
  return {
    ...state,
    ...moveUnits(state, 0n - fromBonded, fromBonded - event.slash),
    tombstoned: true,
    evidenceIds: new Set(state.evidenceIds).add(event.evidenceId),
    openSlashes: new Map(state.openSlashes).set(event.evidenceId, event.slash),
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
