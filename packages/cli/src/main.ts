#!/usr/bin/env node
/** The `mira` command. */
import { CallError } from "@mira/client";
import { ServiceFailed } from "@mira/localnet";
import { REFUSAL_CODES, RefusalError } from "@mira/primitives";
import { Command, CommanderError, Option } from "commander";
import { addAudit } from "./commands/audit.ts";
import { addCommittee } from "./commands/committee.ts";
import { addPolicies } from "./commands/policies.ts";
import { addProbes } from "./commands/probes.ts";
import { addSessions } from "./commands/session.ts";
import { addStakes } from "./commands/stake.ts";
import { addStatus } from "./commands/status.ts";
import { addTransactions } from "./commands/tx.ts";
import { addUp } from "./commands/up.ts";
import { addVerification } from "./commands/verify.ts";
import { addWhy } from "./commands/why.ts";
import { EXIT, EXIT_HELP } from "./exit-codes.ts";
import { toOneLine } from "./output.ts";

const program = new Command("mira")
  .description("Claims verified by bonded validators, on a fast ledger that can say no.")
  .version("0.1.0")
  .addOption(
    new Option("-o, --output <format>", "text for people, json for programs")
      .choices(["text", "json"])
      .default("text"),
  )
  .option("--network <file>", "network file; default MIRA_NETWORK_FILE, then .mira/network.json")
  .showSuggestionAfterError(true)
  .showHelpAfterError("(mira --help shows all commands)")
  .addHelpText("after", EXIT_HELP)
  .exitOverride();

for (const add of [
  addUp,
  addStatus,
  addTransactions,
  addVerification,
  addCommittee,
  addPolicies,
  addProbes,
  addSessions,
  addStakes,
  addAudit,
  addWhy,
])
  add(program);

try {
  await program.parseAsync();
} catch (error) {
  process.exitCode = report(error);
}

/** Says on standard error what went wrong, and which exit code says it to programs. */
function report(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
  if (error instanceof RefusalError) {
    const { code, message, details } = error.refusal;
    const known = Object.entries(details).map(([name, value]) => `\n  ${name}: ${toOneLine(value)}`);
    process.stderr.write(
      `mira: ${code}: ${toOneLine(message)}${known.join("")}\n  ${REFUSAL_CODES[code].remedy}\n`,
    );
    if (code === "PROOF_INVALID") return EXIT.proofInvalid;
    if (code === "REQUEST_INVALID") return EXIT.usage;
    return code === "NOT_FOUND" ? EXIT.notFound : EXIT.refused;
  }
  process.stderr.write(`mira: ${error instanceof Error ? error.message : String(error)}\n`);
  if (error instanceof CallError) return error.status === "UNAVAILABLE" ? EXIT.unreachable : EXIT.failed;
  if (!(error instanceof ServiceFailed) && process.env["MIRA_DEBUG"] !== undefined && error instanceof Error)
    process.stderr.write(`${error.stack ?? ""}\n`);
  return EXIT.failed;
}
