/** Composition root of a validator: its key, its journal, its checkers, the verifier over gRPC. */
import { verifier } from "@mira/api";
import { createGrpcClient, runService, type Logger } from "@mira/chassis";
import { createKeyPair, deriveValidatorId } from "@mira/primitives";
import { openAdvisers, type OpenedAdvisers } from "./checkers/advisers.ts";
import { createExamine } from "./checkers/examine.ts";
import { createVerifierClient } from "./clients/verifier-client.ts";
import { readConfig } from "./config.ts";
import type { Identity } from "./domain/attest.ts";
import { openJournal } from "./store/journal.ts";
import { createMetrics } from "./telemetry.ts";
import { attend } from "./workers/attend.ts";

/** Reveals and signatures are not counted: they wait for no checker. */
const ASSIGNMENTS_AT_ONCE_MAX = 8;

await runService({
  name: "validator",
  version: "0.1.0",
  config: readConfig(process.env),
  start: async ({ config, logger, meter, signal, onStop, fail, health, serveGrpc }) => {
    const keyPair = createKeyPair(config.keySeed);
    const identity: Identity = {
      networkId: config.networkId,
      validatorId: deriveValidatorId(keyPair.publicKey),
      keyPair,
    };
    const journal = await openJournal(config.journalPath);
    onStop("journal", () => journal.close());
    const client = createGrpcClient(verifier.VerifierServiceClient, config.verifierTarget, {
      idempotent: ["commitAttestations", "revealAttestations", "signStatement"],
    });
    onStop("verifier client", () => client.close());
    const metrics = createMetrics(meter);
    const opened = await openAdvisers(config, {
      onProbed: (record, lines) => logger.info({ record, lines }, "what the chat endpoint can do"),
    });
    onStop("advisers", () => opened.close());
    const { checkers, family, operator } = config;
    logger.info({ checkers, family, operator }, "checkers are ready");
    const attending = attend(
      {
        identity,
        verifier: createVerifierClient(client, identity, logger),
        journal,
        check: createExamine({
          deterministic: config.checkers.includes("deterministic"),
          advisers: opened.advisers,
          onAdvised: metrics.advised,
          onAbstained: (checker, reason) => {
            metrics.abstained(checker);
            logger.warn({ checker, reason }, "a checker abstained");
          },
        }),
        checkMsMax: config.adviceMs,
        assignmentsAtOnceMax: ASSIGNMENTS_AT_ONCE_MAX,
        onDone: metrics.done,
        onFailed: (kind, verificationId, reason) => {
          metrics.failed(kind);
          logger.warn({ kind, verificationId, reason }, "a task was not accepted");
        },
      },
      signal,
    );
    attending.catch(fail);
    onStop("assignments", () => attending.catch(() => undefined));
    health.setReady("journal", true);
    void prepare(opened, logger, signal);
    // Health and reflection only: a validator answers to nobody.
    await serveGrpc({ services: [] });
  },
});

/** Before the first claim, so that it need not wait; what fails now is tried again when a claim comes. */
async function prepare(opened: OpenedAdvisers, logger: Logger, signal: AbortSignal): Promise<void> {
  try {
    const record = await opened.prepare?.(signal);
    if (record?.ok === false) logger.warn({ refusal: record }, "the chat endpoint cannot be used yet");
  } catch (error) {
    if (!signal.aborted) logger.warn({ error }, "the chat endpoint could not be probed");
  }
}
