/** Composition root of a validator: its key, its journal, its checkers, the verifier over gRPC. */
import { verifier } from "@mira/api";
import { createGrpcClient, runService } from "@mira/chassis";
import { runCheckers } from "@mira/claims";
import { createKeyPair, deriveValidatorId } from "@mira/primitives";
import { createVerifierClient } from "./clients/verifier-client.ts";
import { readConfig } from "./config.ts";
import type { Identity } from "./domain/attest.ts";
import { openJournal } from "./store/journal.ts";
import { createMetrics } from "./telemetry.ts";
import { attend } from "./workers/attend.ts";

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
    const attending = attend(
      {
        identity,
        verifier: createVerifierClient(client, identity, logger),
        journal,
        check: (claim, response, sources) => {
          const { verdict, evidence, notes } = runCheckers(claim, response, sources);
          // What was looked at and left open is signed as well: a reader sees why nothing was decided.
          return { verdict, evidence: [...evidence, ...notes] };
        },
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
    // Health and reflection only: a validator answers to nobody.
    await serveGrpc({ services: [] });
  },
});
