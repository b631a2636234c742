/** `mira stake`: bonds that stand behind attestations. */
import { callUnary } from "@mira/client";
import { staking } from "@mira/api";
import { encodeBase58, encodeHex, parseBaseUnits, unwrap } from "@mira/primitives";
import type { Command } from "commander";
import { withClient } from "../context.ts";
import { formatTable, toOneLine, type Style } from "../output.ts";
import { formatAmount, formatInstant, parseAmount, parseKey, readKeyPair } from "../values.ts";

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
  addList(stake);
  addShow(stake);
}

function addList(stake: Command): void {
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
            ["validator", "status", "MIRA bonded", "unbonding", "family", "score", "probes", "faults"],
            validators.map(({ validatorId, status, bondedUnits, unbondingUnits, family, standing }) => [
              validatorId,
              STATUSES[status] ?? "unknown",
              formatAmount(BigInt(bondedUnits)),
              formatAmount(BigInt(unbondingUnits)),
              family,
              formatScore(standing),
              `${standing?.probesPassed ?? 0n} of ${(standing?.probesPassed ?? 0n) + (standing?.probesFailed ?? 0n)}`,
              String(standing?.carelessFaults ?? 0n),
            ]),
          ),
        );
      }),
    );
}

function addShow(stake: Command): void {
  stake
    .command("show <validator>")
    .description("show a validator's stake, its score and the faults recorded against it")
    .action((validator: string, _options: unknown, command: Command) =>
      withClient(command, async (client, output) => {
        const validatorId = encodeBase58(unwrap(parseKey(validator)));
        const found = unwrap(
          await callUnary(client.channels.staking, staking.StakingServiceService.getStanding, {
            validatorId,
          }),
        );
        if (found.validator === undefined) throw new TypeError("an answer without a validator");
        const { validator: known, faults } = found;
        output.result({ ...toData(known), faults: faults.map(toFaultData) }, () =>
          describeStanding(known, faults, output.style),
        );
      }),
    );
}

function describeStanding(
  { validatorId, status, bondedUnits, family, operator, standing }: staking.Validator,
  faults: readonly staking.Fault[],
  { bold, dim }: Style,
): string {
  const { agreed = 0n, disagreed = 0n, abstained = 0n } = standing ?? {};
  return [
    bold(validatorId),
    `  ${STATUSES[status] ?? "unknown"} with ${formatAmount(BigInt(bondedUnits))} MIRA by ${encodeBase58(operator)}, family ${toOneLine(family)}`,
    `  score ${formatScore(standing)}: ${standing?.probesPassed ?? 0n} probes passed, ${standing?.probesFailed ?? 0n} failed; ${agreed} verdicts shared, ${disagreed} not, ${abstained} abstained${describeDrift(standing)}`,
    `  ${standing?.carelessFaults ?? 0n} careless faults cost ${formatAmount(BigInt(standing?.carelessUnits ?? "0"))} MIRA`,
    ...faults.map(({ kind, verificationId, slashedUnits, atMs }) =>
      dim(
        `    ${formatInstant(atMs)}  ${kind.padEnd(14)}  ${formatAmount(BigInt(slashedUnits))} MIRA  ${verificationId}`,
      ),
    ),
  ].join("\n");
}

function describeDrift(standing: staking.Standing | undefined): string {
  return standing === undefined || standing.driftLevel === "" ? "" : `; drift: ${standing.driftLevel}`;
}

function formatScore(standing: staking.Standing | undefined): string {
  return standing === undefined ? "-" : `${(standing.scoreBps / 100).toFixed(1)} %`;
}

function toFaultData({ faultId, kind, verificationId, slashedUnits, atMs }: staking.Fault): unknown {
  return { fault: encodeHex(faultId), kind, verificationId, slashedUnits, atMs };
}

function toData({
  validatorId,
  operator,
  family,
  bondedUnits,
  unbondingUnits,
  status,
  standing,
}: staking.Validator): object {
  return {
    validator: validatorId,
    operator: encodeBase58(operator),
    family,
    bondedUnits,
    unbondingUnits,
    status: STATUSES[status],
    ...(standing === undefined ? {} : { standing }),
  };
}
