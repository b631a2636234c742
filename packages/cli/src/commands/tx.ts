/** `mira tx`, `mira airdrop`: send SOL, look at receipts. */
import { readFileSync } from "node:fs";
import type { Commitment, MiraClient, Receipt } from "@mira/client";
import { signWithSession } from "@mira/client";
import { FAUCET } from "@mira/localnet";
import {
  decodeBase58,
  parseSequenceNumber,
  refuse,
  RefusalError,
  succeed,
  unwrap,
  type Result,
} from "@mira/primitives";
import { Option, type Command } from "commander";
import { withClient } from "../context.ts";
import { describeReceipt, toReceiptData } from "../describe.ts";
import type { Output } from "../output.ts";
import { buildTransfer, buildUnsignedTransfer } from "../transfer.ts";
import { parseAmount, parseKey, parseSequence, readKeyPair } from "../values.ts";

const WAIT_MS = 60_000;
const LAMPORTS_PER_AIRDROP_DEFAULT = "10";
const COMMITMENTS = ["processed", "confirmed", "finalized"] as const satisfies readonly Commitment[];

type SendOptions = {
  readonly from?: string;
  readonly to?: string;
  readonly sol?: string;
  readonly file?: string;
  readonly wait: Commitment;
  readonly session?: string;
  readonly sessionKey?: string;
};

export function addTransactions(program: Command): void {
  const tx = program.command("tx").description("send transactions and look at their receipts");
  tx.command("send")
    .description("send SOL, or a signed transaction from a file")
    .option("--from <key>", "development account or key file that pays")
    .option("--to <key>", "development account or public key")
    .option("--sol <amount>", "how much")
    .option("--file <path>", "a signed transaction in base64, instead of --from, --to and --sol")
    .option("--session <id>", "act under this session of --from")
    .option("--session-key <key>", "key file of the session key")
    .addOption(waitOption())
    .addHelpText(
      "after",
      "\nExamples:\n  mira tx send --from alice --to bob --sol 1.5\n  mira tx send --from alice --to bob --sol 0.1 --session <id> --session-key carol",
    )
    .action((options: SendOptions, command: Command) =>
      withClient(command, (client, output) => send(client, output, options)),
    );
  tx.command("show <id>")
    .description("show the receipt of a sequence number or transaction id")
    .action((id: string, _options: unknown, command: Command) =>
      withClient(command, async (client, output) =>
        printReceipt(output, unwrap(await client.ledger.getReceipt(parseId(id)))),
      ),
    );
  tx.command("watch <sequence>")
    .description("wait until a transaction has come so far")
    .addOption(waitOption().default("finalized"))
    .action((sequence: string, { wait }: { wait: Commitment }, command: Command) =>
      withClient(command, async (client, output) =>
        printReceipt(
          output,
          unwrap(
            await client.ledger.waitForCommitment(unwrap(parseSequence(sequence)), wait, {
              deadlineMs: WAIT_MS,
            }),
          ),
        ),
      ),
    );
  program
    .command("airdrop <to> [sol]")
    .description("send SOL from the development faucet")
    .addOption(waitOption())
    .action((to: string, sol: string | undefined, { wait }: { wait: Commitment }, command: Command) =>
      withClient(command, (client, output) =>
        send(client, output, { from: FAUCET, to, sol: sol ?? LAMPORTS_PER_AIRDROP_DEFAULT, wait }),
      ),
    );
}

function waitOption(): Option {
  return new Option("--wait <commitment>", "how far to wait").choices(COMMITMENTS).default("confirmed");
}

async function send(client: MiraClient, output: Output, options: SendOptions): Promise<void> {
  const transaction = unwrap(await build(client, options));
  const { sequenceNumber } = unwrap(
    await client.ledger.submitTransaction(
      transaction,
      options.session === undefined ? {} : { sessionId: options.session },
    ),
  );
  output.note(`sequenced as ${sequenceNumber}; waiting until ${options.wait} ...`);
  printReceipt(
    output,
    unwrap(await client.ledger.waitForCommitment(sequenceNumber, options.wait, { deadlineMs: WAIT_MS })),
  );
}

async function build(client: MiraClient, options: SendOptions): Promise<Result<Uint8Array>> {
  if (options.file !== undefined)
    return succeed(new Uint8Array(Buffer.from(readFileSync(options.file, "utf8").trim(), "base64")));
  const { from, to, sol } = options;
  if (from === undefined || to === undefined || sol === undefined)
    return refuse("REQUEST_INVALID", "needed --from, --to and --sol, or --file", { field: "from" });
  const amount = parseAmount(sol);
  const recipient = parseKey(to);
  if (!amount.ok) return amount;
  if (!recipient.ok) return recipient;
  const { blockhash } = unwrap(await client.ledger.getLatestBlockhash());
  const terms = { to: recipient.value, lamports: amount.value, blockhash };
  return options.session === undefined
    ? succeed(await buildTransfer(unwrap(readKeyPair(from)), terms))
    : buildUnderSession(options, terms, from);
}

/** The owner's key is not needed, and not read: that is the point of a session. */
function buildUnderSession(
  { sessionKey }: SendOptions,
  terms: Parameters<typeof buildUnsignedTransfer>[1],
  from: string,
): Result<Uint8Array> {
  if (sessionKey === undefined)
    return refuse("REQUEST_INVALID", "--session needs --session-key", { field: "session-key" });
  const key = readKeyPair(sessionKey);
  const owner = parseKey(from);
  if (!key.ok) return key;
  return owner.ok ? signWithSession(buildUnsignedTransfer(owner.value, terms), key.value) : owner;
}

function printReceipt(output: Output, receipt: Receipt): void {
  output.result(toReceiptData(receipt), () => describeReceipt(receipt, output.style));
}

/** A sequence number, or a transaction id: 64 bytes in base58. */
export function parseId(id: string): Parameters<MiraClient["ledger"]["getReceipt"]>[0] {
  if (/^\d{1,15}$/.test(id)) return parseSequenceNumber(id);
  const bytes = decodeBase58(id);
  if (bytes?.length !== 64)
    throw new RefusalError(
      refuse("REQUEST_INVALID", `"${id}" is neither a sequence number nor a transaction id`, { field: "id" }),
    );
  return bytes;
}
