/** What the handlers of this service are given. */
import type { Quotas } from "./quotas.ts";
import type { ProbeApiDependencies } from "./probes.ts";
import type { Policy } from "../domain/policy.ts";
import type {
  AuditLog,
  Bell,
  Decomposer,
  ValidatorDirectory,
  VerificationList,
  VerificationStreams,
} from "../ports.ts";

export type VerifierApiDependencies = ProbeApiDependencies & {
  readonly policies: readonly Policy[];
  readonly quotas: Quotas;
  readonly streams: VerificationStreams;
  readonly list: VerificationList;
  readonly decompose: Decomposer;
  readonly validators: ValidatorDirectory;
  readonly auditLog: AuditLog;
  /** 32 random bytes. */
  readonly createNonce: () => Uint8Array;
  /** Told of each verification that a caller opened: probes may be mixed in, and those that a caller knows are retired. */
  readonly onOpened: (verificationId: string) => void;
  /** Has the first committee drawn as soon as the log allows; returns at once. */
  readonly begin: (verificationId: string) => void;
  /** Moves a verification on after a commit or reveal. */
  readonly advance: (verificationId: string) => Promise<void>;
  readonly bell: Bell;
};
