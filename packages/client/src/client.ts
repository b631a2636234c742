/** The SDK's front door: one object for a network. */
import type { Client } from "@grpc/grpc-js";
import { sessions, staking, verifier } from "@mira/api";
import type { Grant } from "@mira/authority";
import { formatCertificateFile, parseTlogProof } from "@mira/certificate";
import {
  delay,
  refuse,
  RefusalError,
  succeed,
  type BondTerms,
  type KeyPair,
  type Result,
  type SessionGrant,
  type UnbondTerms,
} from "@mira/primitives";
import { CallError, callStream, callUnary, openChannel, type CallSettings } from "./call.ts";
import {
  signAuthorityAdvance,
  signBond,
  signSessionAmendment,
  signSessionGrant,
  signSessionRevocation,
  signUnbond,
} from "./intents.ts";
import { createLedgerClient, type LedgerClient } from "./ledger-client.ts";
import type { Endpoints, Network } from "./network.ts";

export type Source = { readonly sourceId: string; readonly title: string; readonly text: string };

export type VerificationRequest = {
  readonly requestId: string;
  readonly response: string;
  readonly sources?: readonly Source[];
  /** Name of a policy, or `name@version`; absent: the network's first. */
  readonly policy?: string;
  /** What the response is about; absent: `general`. */
  readonly domain?: string;
  /** Base units; absent: nothing. */
  readonly valueAtStakeUnits?: bigint;
};

export type MiraClient = {
  readonly network: Network;
  readonly ledger: LedgerClient;
  /** For what this object has no word for: use with callUnary and callStream. */
  readonly channels: Channels;
  /** Starts a verification. The same `requestId` is the same verification. */
  readonly verifyResponse: (request: VerificationRequest, settings?: CallSettings) => Promise<Result<string>>;
  /** The same, and tells each step until the certificate is there; goes on where it was when the connection breaks. Refusals are thrown. */
  readonly followResponse: (
    request: VerificationRequest,
    settings?: CallSettings,
  ) => AsyncGenerator<verifier.VerifyResponseResponse, void, void>;
  /** What claims there are and what checking them would cost; opens nothing. */
  readonly estimateCost: (
    request: VerificationRequest,
    settings?: CallSettings,
  ) => Promise<Result<verifier.ClaimsFound>>;
  /** With `wait`, resolves when the certificate is issued, or with its state at the deadline. */
  readonly getVerification: (
    verificationId: string,
    options?: CallSettings & { readonly wait?: boolean },
  ) => Promise<Result<verifier.GetVerificationResponse>>;
  /** As the file that is kept, shown and checked. */
  readonly getCertificate: (certificateId: string, settings?: CallSettings) => Promise<Result<string>>;
  /** Signed by the owner, in the owner's authority epoch of now; with a `parent`, by the holder of that session. */
  readonly grantSession: (
    signer: KeyPair,
    grant: SessionGrant | Grant,
    settings?: CallSettings,
  ) => Promise<Result<sessions.Session>>;
  /** Narrows a session; signed by its owner or its session key. */
  readonly amendSession: (
    signer: KeyPair,
    sessionId: string,
    grant: SessionGrant | Grant,
    settings?: CallSettings,
  ) => Promise<Result<sessions.Session>>;
  /** Ends all of the owner's sessions at once, and every grant that was signed and not used; answers the epoch that begins. */
  readonly advanceAuthority: (owner: KeyPair, settings?: CallSettings) => Promise<Result<number>>;
  readonly revokeSession: (
    signer: KeyPair,
    sessionId: string,
    settings?: CallSettings,
  ) => Promise<Result<sessions.Session>>;
  readonly bond: (
    operator: KeyPair,
    terms: BondTerms,
    settings?: CallSettings,
  ) => Promise<Result<staking.Validator>>;
  readonly unbond: (
    operator: KeyPair,
    terms: UnbondTerms,
    settings?: CallSettings,
  ) => Promise<Result<staking.Validator>>;
  readonly close: () => void;
};

/** One channel to each service. */
export type Channels = Readonly<Record<keyof Endpoints, Client>>;

/** To be told that a verification is open. */
const OPEN_MS = 10_000;
/** Broken connections in a row before it is given up, and how much longer each pause is than the one before. */
const RESUMES_MAX = 5;
const RESUME_MS = 200;
const NEVER = new AbortController().signal;
const VERIFIER = verifier.VerifierServiceService;
const SESSIONS = sessions.SessionsServiceService;
const STAKING = staking.StakingServiceService;

/** Opens one channel to each service; nothing is sent before the first call. */
export function connectMira(network: Network): MiraClient {
  const channels = openChannels(network);
  return {
    network,
    channels,
    ledger: createLedgerClient(channels),
    ...createVerification(channels.verifier),
    ...createAuthority(network.networkId, channels),
    close: () => {
      for (const channel of Object.values(channels)) channel.close();
    },
  };
}

function openChannels({ endpoints }: Network): Channels {
  return {
    sequencer: openChannel(endpoints.sequencer),
    settlement: openChannel(endpoints.settlement),
    verifier: openChannel(endpoints.verifier),
    staking: openChannel(endpoints.staking),
    sessions: openChannel(endpoints.sessions),
  };
}

function createVerification(
  channel: Client,
): Pick<
  MiraClient,
  "verifyResponse" | "followResponse" | "estimateCost" | "getVerification" | "getCertificate"
> {
  return {
    async verifyResponse(request, settings) {
      try {
        for await (const { verificationId } of callStream(
          channel,
          VERIFIER.verifyResponse,
          toRequestMessage(request, 0n),
          { deadlineMs: OPEN_MS, ...settings },
        ))
          return succeed(verificationId);
      } catch (error) {
        if (error instanceof RefusalError) return error.refusal;
        throw error;
      }
      throw new TypeError("a verification that tells nothing");
    },
    followResponse: (request, settings) => follow(channel, request, settings),
    async estimateCost(request, settings) {
      const message = { ...toRequestMessage(request, 0n), estimateOnly: true };
      try {
        for await (const { step } of callStream(channel, VERIFIER.verifyResponse, message, {
          deadlineMs: OPEN_MS,
          ...settings,
        }))
          if (step?.$case === "claimsFound") return succeed(step.value);
      } catch (error) {
        if (error instanceof RefusalError) return error.refusal;
        throw error;
      }
      throw new TypeError("an estimate that tells nothing");
    },
    getVerification: (verificationId, { wait = false, ...settings } = {}) =>
      callUnary(channel, VERIFIER.getVerification, { verificationId, wait }, settings),
    async getCertificate(certificateId, settings) {
      const answer = await callUnary(channel, VERIFIER.getCertificate, { certificateId }, settings);
      const certificate = present(answer, "certificate");
      if (!certificate.ok) return certificate;
      const { envelope, tlogProof } = certificate.value;
      const proof = parseTlogProof(tlogProof);
      if (!proof.ok) return proof;
      return succeed(Buffer.from(formatCertificateFile({ envelope, proof: proof.value })).toString("utf8"));
    },
  };
}

/** Opens the stream again after the last step that was told. */
async function* follow(
  channel: Client,
  request: VerificationRequest,
  settings: CallSettings | undefined,
): AsyncGenerator<verifier.VerifyResponseResponse, void, void> {
  let cursor = 0n;
  for (let failures = 0; ;) {
    try {
      for await (const message of callStream(
        channel,
        VERIFIER.verifyResponse,
        toRequestMessage(request, cursor),
        settings,
      )) {
        ({ cursor } = message);
        failures = 0;
        yield message;
      }
      return;
    } catch (error) {
      // The verification goes on meanwhile; what was told is not told again.
      if (!(error instanceof CallError) || error.status !== "UNAVAILABLE" || ++failures > RESUMES_MAX)
        throw error;
      if (!(await delay(RESUME_MS * failures, settings?.signal ?? NEVER))) return;
    }
  }
}

function toRequestMessage(
  {
    requestId,
    response,
    sources = [],
    policy = "",
    domain = "",
    valueAtStakeUnits = 0n,
  }: VerificationRequest,
  cursor: bigint,
): verifier.VerifyResponseRequest {
  return {
    requestId,
    response,
    sources: [...sources],
    policy,
    domain,
    valueAtStakeUnits: String(valueAtStakeUnits),
    cursor,
    estimateOnly: false,
  };
}

type Authority = Pick<
  MiraClient,
  "grantSession" | "amendSession" | "advanceAuthority" | "revokeSession" | "bond" | "unbond"
>;

function createAuthority(networkId: string, { sessions: grants, staking: stakes }: Channels): Authority {
  return {
    async grantSession(signer, grant, settings) {
      const parent = "caveats" in grant ? grant.parent : undefined;
      const epoch = await readEpoch(grants, { owner: signer.publicKey, sessionId: parent }, settings);
      if (!epoch.ok) return epoch;
      const intent = signSessionGrant(networkId, signer, grant, epoch.value);
      return present(await callUnary(grants, SESSIONS.grantSession, { intent }, settings), "session");
    },
    async amendSession(signer, sessionId, grant, settings) {
      const epoch = await readEpoch(grants, { owner: signer.publicKey, sessionId }, settings);
      if (!epoch.ok) return epoch;
      const intent = signSessionAmendment(networkId, signer, { sessionId, grant, epoch: epoch.value });
      return present(await callUnary(grants, SESSIONS.amendSession, { intent }, settings), "session");
    },
    async advanceAuthority(owner, settings) {
      const epoch = await readEpoch(grants, { owner: owner.publicKey, sessionId: undefined }, settings);
      if (!epoch.ok) return epoch;
      const intent = signAuthorityAdvance(networkId, owner, epoch.value);
      const advanced = await callUnary(grants, SESSIONS.advanceAuthority, { intent }, settings);
      return advanced.ok ? succeed(Number(advanced.value.epoch)) : advanced;
    },
    revokeSession: async (signer, sessionId, settings) =>
      present(
        await callUnary(
          grants,
          SESSIONS.revokeSession,
          { intent: signSessionRevocation(networkId, signer, sessionId) },
          settings,
        ),
        "session",
      ),
    bond: async (operator, terms, settings) =>
      present(
        await callUnary(stakes, STAKING.bond, { intent: signBond(networkId, operator, terms) }, settings),
        "validator",
      ),
    unbond: async (operator, terms, settings) =>
      present(
        await callUnary(stakes, STAKING.unbond, { intent: signUnbond(networkId, operator, terms) }, settings),
        "validator",
      ),
  };
}

/** The authority epoch to sign in: that of the session which is passed on or amended, or the owner's own. */
async function readEpoch(
  channel: Client,
  { owner, sessionId }: { readonly owner: Uint8Array; readonly sessionId: string | undefined },
  settings?: CallSettings,
): Promise<Result<number>> {
  if (sessionId === undefined) {
    const authority = await callUnary(channel, SESSIONS.getAuthority, { owner }, settings);
    return authority.ok ? succeed(Number(authority.value.epoch)) : authority;
  }
  const session = present(await callUnary(channel, SESSIONS.getSession, { sessionId }, settings), "session");
  return session.ok ? succeed(Number(session.value.epoch)) : session;
}

/** Protobuf cannot say that a message is always there. */
function present<Name extends string, T>(
  answer: Result<Readonly<Record<Name, T | undefined>>>,
  name: Name,
): Result<T> {
  if (!answer.ok) return answer;
  const value = answer.value[name];
  return value === undefined ? refuse("NOT_FOUND", `the answer has no ${name}`) : succeed(value);
}
