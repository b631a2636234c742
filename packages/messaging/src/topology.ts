/** The streams and subjects of Mira. Every service that touches a stream declares it from here, so that they cannot disagree. */
import type { StreamDeclaration } from "./declarations.ts";

export const SUBJECT = {
  batchSealed: "mira.sequencer.batch.sealed.v1",
  partitionReady: "mira.sequencer.partition.ready.v1",
  partitionExecuted: "mira.executor.partition.executed.v1",
  batchReexecuted: "mira.executor.batch.reexecuted.v1",
} as const;

const MIB = 1024 * 1024;
const GIB = 1024 * MIB;
const DAY_MS = 24 * 60 * 60 * 1000;
/** The largest message the server is configured to take. */
const MESSAGE_BYTES_MAX = 8 * MIB;
/** Longer than a relay needs to come back and publish again what it had not marked. */
const DUPLICATE_WINDOW_MS = 10 * 60 * 1000;
const COMMON = { maxMessageBytes: MESSAGE_BYTES_MAX, duplicateWindowMs: DUPLICATE_WINDOW_MS } as const;

export const STREAM = {
  /** Sealed batches, for the re-executor and auditors. What falls out is read from the sequencer. */
  batches: {
    name: "MIRA_BATCHES",
    subjects: [SUBJECT.batchSealed],
    retention: "limits",
    maxBytes: 2 * GIB,
    ...COMMON,
  },
  /** Work for executors; a partition leaves when it is acknowledged. */
  partitions: {
    name: "MIRA_PARTITIONS",
    subjects: [SUBJECT.partitionReady],
    retention: "workqueue",
    maxBytes: 2 * GIB,
    ...COMMON,
  },
  results: {
    name: "MIRA_RESULTS",
    subjects: [SUBJECT.partitionExecuted],
    retention: "limits",
    maxBytes: 2 * GIB,
    ...COMMON,
  },
  /** Domain events of services. */
  events: {
    name: "MIRA_EVENTS",
    subjects: ["mira.settlement.>", "mira.sessions.>", "mira.staking.>", "mira.verifier.>"],
    retention: "limits",
    maxBytes: 2 * GIB,
    ...COMMON,
  },
  verdicts: {
    name: "MIRA_VERDICTS",
    subjects: [SUBJECT.batchReexecuted],
    retention: "limits",
    maxBytes: GIB / 4,
    ...COMMON,
  },
  /** What could not be handled, with the reason. Declared with every other declaration. */
  parked: {
    name: "MIRA_PARKED",
    subjects: ["mira.parked.>"],
    retention: "limits",
    maxBytes: GIB / 2,
    maxAgeMs: 30 * DAY_MS,
    duplicateWindowMs: DUPLICATE_WINDOW_MS,
  },
} as const satisfies Record<string, StreamDeclaration>;

export function parkedSubject(subject: string): string {
  return `mira.parked.${subject}`;
}
