/** `mira session`: authority that ends by itself. */
import { callUnary } from "@mira/client";
import { sessions } from "@mira/api";
import { parseLamports, parseUnixMs, unwrap } from "@mira/primitives";
import type { Command } from "commander";
import { withClient } from "../context.ts";
import { describeSession, sessionStatus, toSessionData } from "../describe.ts";
import { formatTable, type Output } from "../output.ts";
import {
  describeKey,
  formatAmount,
  formatInstant,
  parseAmount,
  parseDuration,
  parseInstant,
  parseKey,
  readKeyPair,
} from "../values.ts";

const PAGE_SIZE = 200;
const SERVICE = sessions.SessionsServiceService;

type GrantOptions = {
  readonly owner: string;
  readonly key: string;
  readonly to: string[];
  readonly limit: string;
  readonly for: string;
};

export function addSessions(program: Command): void {
  const session = program
    .command("session")
    .description("grant, look at and revoke time-bound, scope-bound authority");
  session
    .command("grant")
    .description("let a session key send SOL to some accounts, up to a limit, for a time")
    .requiredOption("--owner <key>", "development account or key file that grants")
    .option("--key <key>", "who may act: development account or public key", "carol")
    .requiredOption("--to <keys...>", "who may receive")
    .requiredOption("--limit <sol>", "in all, fees included")
    .requiredOption("--for <duration>", "such as 15m")
    .addHelpText(
      "after",
      "\nExample:\n  mira session grant --owner alice --key carol --to bob --limit 2 --for 15m",
    )
    .action((options: GrantOptions, command: Command) =>
      withClient(command, async (client, output) => {
        const now = Date.now();
        const grant = {
          sessionKey: unwrap(parseKey(options.key)),
          recipients: options.to.map((text) => unwrap(parseKey(text))),
          limitLamports: parseLamports(unwrap(parseAmount(options.limit))),
          startsAt: parseUnixMs(now),
          expiresAt: parseUnixMs(now + unwrap(parseDuration(options.for))),
        };
        print(output, unwrap(await client.grantSession(unwrap(readKeyPair(options.owner)), grant)));
      }),
    );
  session
    .command("list")
    .description("who may do what; with --at: who could, then")
    .option("--owner <key>", "of this owner only")
    .option("--at <instant>", "sessions that could act at this instant, ISO 8601")
    .action((options: { owner?: string; at?: string }, command: Command) => list(options, command));
  session
    .command("show <id>")
    .description("show a session and what is left of it")
    .action((sessionId: string, _options: unknown, command: Command) =>
      withClient(command, async (client, output) => {
        const { session: found } = unwrap(
          await callUnary(client.channels.sessions, SERVICE.getSession, { sessionId }),
        );
        if (found !== undefined) print(output, found);
      }),
    );
  session
    .command("revoke <id>")
    .description("end a session now")
    .requiredOption("--by <key>", "its owner or its session key: development account or key file")
    .action((sessionId: string, { by }: { by: string }, command: Command) =>
      withClient(command, async (client, output) =>
        print(output, unwrap(await client.revokeSession(unwrap(readKeyPair(by)), sessionId))),
      ),
    );
}

async function list({ owner, at }: { owner?: string; at?: string }, command: Command): Promise<void> {
  await withClient(command, async (client, output) => {
    const request = {
      owner: owner === undefined ? new Uint8Array() : unwrap(parseKey(owner)),
      activeAtMs: at === undefined ? 0n : BigInt(unwrap(parseInstant(at))),
      pageSize: PAGE_SIZE,
      pageToken: "",
    };
    const { sessions: found } = unwrap(
      await callUnary(client.channels.sessions, SERVICE.listSessions, request),
    );
    output.result(found.map(toSessionData), () =>
      found.length === 0
        ? "no sessions"
        : formatTable(["session", "status", "owner", "left", "until"], found.map(toRow)),
    );
  });
}

function toRow(session: sessions.Session): readonly string[] {
  const left = session.limitLamports - session.spentLamports - session.reservedLamports;
  return [
    session.sessionId,
    sessionStatus(session),
    describeKey(session.owner),
    `${formatAmount(left)} of ${formatAmount(session.limitLamports)} SOL`,
    formatInstant(session.expiresMs),
  ];
}

function print(output: Output, session: sessions.Session): void {
  output.result(toSessionData(session), () => describeSession(session));
}
