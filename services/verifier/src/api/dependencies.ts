/** What the handlers of this service are given. */
import type { Policy } from "../domain/policy.ts";
import type {
  AuditLog,
  Bell,
  Clock,
  Decomposer,
  ValidatorDirectory,
  VerificationList,
  VerificationStreams,
} from "../ports.ts";

export type VerifierApiDependencies = {
  readonly networkId: string;
  readonly policies: readonly Policy[];
  readonly streams: VerificationStreams;
  readonly list: VerificationList;
  readonly decompose: Decomposer;
  readonly validators: ValidatorDirectory;
  readonly auditLog: AuditLog;
  readonly clock: Clock;
  /** 32 random bytes. */
  readonly createNonce: () => Uint8Array;
  /** Has the first committee drawn as soon as the log allows; returns at once. */
  readonly begin: (verificationId: string) => void;
  /** Moves a verification on after a commit or reveal. */
  readonly advance: (verificationId: string) => Promise<void>;
  readonly bell: Bell;
};
