/** `mira committee`: who was drawn for a verification, drawn again on this machine. */
import { verifier } from "@mira/api";
import { callUnary, verifyDraws, type VerifiedDraw } from "@mira/client";
import { unwrap } from "@mira/primitives";
import type { Command } from "commander";
import { networkOf, withClient } from "../context.ts";
import { formatTable, toOneLine } from "../output.ts";
import { formatAmount } from "../values.ts";

export function addCommittee(program: Command): void {
  program
    .command("committee <verification>")
    .description("show who was drawn, after drawing again from what the audit log says was fixed before")
    .action((verificationId: string, _options: unknown, command: Command) =>
      withClient(command, async (client, output) => {
        const { draws } = unwrap(
          await callUnary(client.channels.verifier, verifier.VerifierServiceService.getDraws, {
            verificationId,
          }),
        );
        const verified = unwrap(verifyDraws(verificationId, draws, networkOf(command)));
        output.result(verified.map(toData), () =>
          verified.length === 0
            ? "nobody is drawn yet"
            : verified
                .map((draw) => `${output.style.green(describeHead(draw))}\n${describeSeats(draw)}`)
                .join("\n"),
        );
      }),
    );
}

function describeHead({ round, attempt, candidates, drawn, entry }: VerifiedDraw): string {
  const again = attempt === 0 ? "" : `, at attempt ${attempt + 1}`;
  return `committee ${round + 1}${again}: ${drawn.length} of ${candidates} candidates, fixed by entry ${entry.index}, drawn from the log's head at ${entry.treeSize}`;
}

function describeSeats({ drawn }: VerifiedDraw): string {
  return formatTable(
    ["validator", "MIRA", "operator", "family"],
    drawn.map(({ validatorId, stake, operator, family }) => [
      validatorId,
      formatAmount(stake),
      operator,
      toOneLine(family),
    ]),
  );
}

function toData({ round, attempt, candidates, drawn, entry }: VerifiedDraw): unknown {
  return {
    round,
    attempt,
    candidates,
    entry,
    drawn: drawn.map(({ validatorId, operator, family, stake }) => ({
      validatorId,
      operator,
      family,
      stakeUnits: String(stake),
    })),
  };
}
