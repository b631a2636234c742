/** `mira session exposure` and `mira session explain`: how much can still leave, and why a use is not allowed. */
import { callUnary } from "@mira/client";
import { sessions } from "@mira/api";
import { decodeHex, unwrap } from "@mira/primitives";
import type { Command } from "commander";
import { withClient } from "../context.ts";
import { toOneLine } from "../output.ts";
import { formatAmount, formatInstant, parseAmount, parseKey } from "../values.ts";

const SERVICE = sessions.SessionsServiceService;
const TRANSFER = 2;
const FEE_LAMPORTS = 5_000n;

export function addSessionQuestions(session: Command): void {
  session
    .command("exposure <id>")
    .description("the most that a session can still move, of each asset, and until when")
    .action((sessionId: string, _options: unknown, command: Command) =>
      withClient(command, async (client, output) => {
        const of = { $case: "sessionId", value: sessionId } as const;
        const { exposures } = unwrap(await callUnary(client.channels.sessions, SERVICE.getExposure, { of }));
        output.result(exposures, () => exposures.map(describeExposure).join("\n"));
      }),
    );
  session
    .command("explain <id>")
    .description(
      "whether a session may do something, and if not: which caveat, what is needed, what is there",
    )
    .requiredOption("--to <key>", "who would receive")
    .requiredOption("--sol <amount>", "how much")
    .action((sessionId: string, options: { to: string; sol: string }, command: Command) =>
      withClient(command, async (client, output) => {
        const found = unwrap(await callUnary(client.channels.sessions, SERVICE.getSession, { sessionId }));
        const owner = found.session?.owner ?? new Uint8Array();
        const use = describeTransfer(
          sessionId,
          owner,
          unwrap(parseKey(options.to)),
          unwrap(parseAmount(options.sol)),
        );
        const about = { $case: "use", value: use } as const;
        const decision = unwrap(
          await callUnary(client.channels.sessions, SERVICE.explainDecision, { about }),
        );
        output.result(decision, () => describeDecision(decision));
      }),
    );
}

/** A transfer as the sequencer would ask for it. */
function describeTransfer(
  sessionId: string,
  owner: Uint8Array,
  to: Uint8Array,
  lamports: bigint,
): sessions.ReserveBudgetRequest {
  const data = Buffer.alloc(12);
  data.writeUInt32LE(TRANSFER, 0);
  data.writeBigUInt64LE(lamports, 4);
  return {
    sessionId,
    messageHash: new Uint8Array(32),
    transfers: [],
    programs: [],
    feeLamports: FEE_LAMPORTS,
    signers: [owner],
    writable: [owner, to],
    instructions: [{ program: new Uint8Array(32), accounts: [owner, to], data }],
  };
}

/** A use that was refused is known by the hash of its message, which the refusal names. */
export function readDecision(text: string): sessions.ExplainDecisionRequest {
  const value = decodeHex(text);
  if (value === undefined) throw new TypeError("a decision is known by 64 hexadecimal digits");
  return { about: { $case: "refused", value } };
}

export function describeExposure({ asset, open, inFlight, untilMs }: sessions.Exposure): string {
  const amount = (units: string): string =>
    asset === "lamports" ? `${formatAmount(BigInt(units))} SOL` : `${units} units of ${toOneLine(asset)}`;
  const moving = inFlight === "0" ? "" : `, ${amount(inFlight)} on its way`;
  return `  ${amount(open)}${moving}, until ${formatInstant(untilMs)}`;
}

export function describeDecision(decision: sessions.ExplainDecisionResponse): string {
  const { allowed, code, sessionId, rule, caveat, needed, had, alternative, stream, version, traceId } =
    decision;
  const rows: readonly (readonly [string, string])[] = [
    ["rule", rule],
    ["caveat", caveat],
    ["needed", needed],
    ["there", had],
    ["would do", alternative],
    ["session", sessionId],
    ["decided on", `${stream} at version ${version}, ${formatInstant(decision.decidedMs)}`],
    ["trace", traceId],
  ];
  const shown = rows
    .filter(([, value]) => value !== "")
    .map(([name, value]) => `  ${name}: ${toOneLine(value)}`);
  return [allowed ? "allowed" : `denied: ${code}`, ...shown].join("\n");
}
