/** `mira policies`: who checks, how many, and when a verdict is sure enough. */
import { verifier } from "@mira/api";
import { callUnary } from "@mira/client";
import { unwrap } from "@mira/primitives";
import type { Command } from "commander";
import { withClient } from "../context.ts";
import { formatTable, toOneLine } from "../output.ts";
import { formatAmount } from "../values.ts";

export function addPolicies(program: Command): void {
  program
    .command("policies")
    .description("list the policies that a response can be verified under")
    .action((_options: unknown, command: Command) =>
      withClient(command, async (client, output) => {
        const { policies } = unwrap(
          await callUnary(client.channels.verifier, verifier.VerifierServiceService.listPolicies, {}),
        );
        output.result(policies, () =>
          formatTable(
            [
              "policy",
              "domains",
              "at stake up to",
              "committee",
              "confidence",
              "widened",
              "private",
              "probes",
              "a fault",
            ],
            policies.flatMap((policy) => policy.tiers.map((tier) => toRow(policy, tier))),
          ),
        );
      }),
    );
}

function toRow(policy: verifier.Policy, tier: verifier.PolicyTier): readonly string[] {
  return [
    `${policy.name}@${policy.version}`,
    toOneLine(policy.domains.join(", ")),
    tier.valueMaxUnits === "" ? "any" : `${formatAmount(BigInt(tier.valueMaxUnits))} MIRA`,
    `${tier.committeeSize}, ${policy.operatorSeatsMax} an operator`,
    `>= ${tier.confidenceMin}`,
    `${policy.wideningsMax} times`,
    policy.private ? "yes" : "no",
    formatShare(policy.probeRateBps),
    formatShare(policy.carelessSlashBps),
  ];
}

function formatShare(bps: number): string {
  return `${bps / 100} %`;
}
