/** What the handlers of this service are given. */
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
  readonly committeeSize: number;
  readonly commitMs: number;
  readonly revealMs: number;
  readonly streams: VerificationStreams;
  readonly list: VerificationList;
  readonly decompose: Decomposer;
  readonly validators: ValidatorDirectory;
  readonly auditLog: AuditLog;
  readonly clock: Clock;
  /** Moves a verification on after a commit or reveal. */
  readonly advance: (verificationId: string) => Promise<void>;
  readonly bell: Bell;
};
