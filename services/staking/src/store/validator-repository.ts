/** Validators as event streams `validator-<id>`, their tables and their messages. */
import { createRepository, type EventStore, type Repository } from "@mira/event-store";
import { evolve, initialState, type StakingEvent, type ValidatorState } from "../domain/validator.ts";
import { projectStaking } from "./project.ts";
import { decodeStakingEvent, encodeStakingEvent } from "./staking-events.ts";
import type { Database } from "./tables.ts";

const SUBJECTS: Readonly<Record<StakingEvent["type"], string>> = {
  StakeBonded: "mira.staking.stake.bonded.v1",
  UnbondingStarted: "mira.staking.unbonding.started.v1",
  StakeUnbonded: "mira.staking.stake.unbonded.v1",
  EvidenceAccepted: "mira.staking.evidence.accepted.v1",
  FaultRecorded: "mira.staking.fault.recorded.v1",
  ProbeJudged: "mira.staking.probe.judged.v1",
  StakeSlashed: "mira.staking.stake.slashed.v1",
};

export type OnDecided = (outcome: string, events: readonly StakingEvent[]) => void;

export function createValidatorRepository(
  store: EventStore,
  database: Database,
  onDecided: OnDecided,
): Repository<ValidatorState, StakingEvent> {
  return createRepository<ValidatorState, StakingEvent>({
    store,
    category: "validator",
    initialState,
    evolve,
    encode: encodeStakingEvent,
    decode: decodeStakingEvent,
    onDecided,
    subjectOf: (type) => SUBJECTS[type as StakingEvent["type"]],
    project: async (client, { state, events }) => {
      if (state.status === "known") await projectStaking(database, client, state, events);
    },
  });
}
