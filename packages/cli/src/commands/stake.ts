/** `mira stake`: bonds that stand behind attestations. */
import { callUnary } from "@mira/client";
import { staking } from "@mira/api";
import { encodeBase58, parseBaseUnits, unwrap } from "@mira/primitives";
import type { Command } from "commander";
import { withClient } from "../context.ts";
import { formatTable } from "../output.ts";
import { formatAmount, parseAmount, parseKey, readKeyPair } from "../values.ts";

const PAGE_SIZE = 200;
const STATUSES: Readonly<Record<number, string>> = {
  1: "bonded",
  2: "unbonding",
  3: "jailed",
  4: "tombstoned",
  5: "unbonded",
};

export function addStakes(program: Command): void {
  const stake = program.command("stake").description("bond stake behind a validator, and see who is bonded");
  stake
    .command("bond")
    .description("bond MIRA of an operator behind a validator")
    .requiredOption("--operator <key>", "development account or key file that pays")
    .requiredOption("--validator <key>", "the validator's public key, or a development validator")
    .requiredOption("--mira <amount>", "how much")
    .option("--family <name>", "family of model or checkers", "built-in")
    .addHelpText(
      "after",
      "\nExample:\n  mira stake bond --operator validator-1-operator --validator validator-1 --family validator-1.built-in --mira 500",
    )
    .action(
      (options: { operator: string; validator: string; mira: string; family: string }, command: Command) =>
        withClient(command, async (client, output) => {
          const validatorKey = unwrap(parseKey(options.validator));
          const terms = {
            validatorKey,
            family: options.family,
            amountUnits: parseBaseUnits(unwrap(parseAmount(options.mira))),
          };
          const validator = unwrap(await client.bond(unwrap(readKeyPair(options.operator)), terms));
          output.result(
            toData(validator),
            () =>
              `${validator.validatorId} is ${STATUSES[validator.status] ?? "unknown"} with ${formatAmount(BigInt(validator.bondedUnits))} MIRA`,
          );
        }),
    );
  stake
    .command("list")
    .description("list validators and their stake")
    .action((_options: unknown, command: Command) =>
      withClient(command, async (client, output) => {
        const request = { bondedOnly: false, pageSize: PAGE_SIZE, pageToken: "" };
        const { validators } = unwrap(
          await callUnary(client.channels.staking, staking.StakingServiceService.listValidators, request),
        );
        output.result(validators.map(toData), () =>
          formatTable(
            ["validator", "status", "MIRA bonded", "unbonding", "family"],
            validators.map(({ validatorId, status, bondedUnits, unbondingUnits, family }) => [
              validatorId,
              STATUSES[status] ?? "unknown",
              formatAmount(BigInt(bondedUnits)),
              formatAmount(BigInt(unbondingUnits)),
              family,
            ]),
          ),
        );
      }),
    );
}

function toData({
  validatorId,
  operator,
  family,
  bondedUnits,
  unbondingUnits,
  status,
}: staking.Validator): unknown {
  return {
    validator: validatorId,
    operator: encodeBase58(operator),
    family,
    bondedUnits,
    unbondingUnits,
    status: STATUSES[status],
  };
}
