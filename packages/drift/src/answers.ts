/** What a monitor is told of one claim: the validator's answer and those of the others on the committee. No truth. */
import { invariant } from "@mira/primitives";

export type PeerAnswer = {
  readonly peer: string;
  /** 0 .. options-1; absent when the peer abstained or was silent. */
  readonly answer?: number;
};

export type ClaimAnswers = {
  readonly domain: string;
  /** How many answers the claim allows: 2 for true or false. */
  readonly options: number;
  readonly answer?: number;
  readonly peers: readonly PeerAnswer[];
};

/** A claim with more options than this is not a claim anybody votes on. */
const OPTIONS_MAX = 64;

export function assertAnswers({ options, answer, peers }: ClaimAnswers): void {
  invariant(
    Number.isInteger(options) && options >= 2 && options <= OPTIONS_MAX,
    `options must be in 2..${OPTIONS_MAX}, got ${options}`,
  );
  for (const value of [answer, ...peers.map((peer) => peer.answer)])
    invariant(value === undefined || (Number.isInteger(value) && value >= 0), `not an answer: ${value}`);
}

/** An answer outside the options counts as none: the outcome `options` stands for "no answer". */
export function toOutcome(answer: number | undefined, options: number): number {
  return answer === undefined || answer >= options ? options : answer;
}
