/** Probe sets as event streams `probes-<id>`, and the table that the next probes are chosen from. */
import { createRepository, type EventStore, type Repository } from "@mira/event-store";
import type { Pool, PoolClient } from "pg";
import { evolveProbes, initialState, type ProbeSetEvent, type ProbeSetState } from "../domain/probe-set.ts";
import type { ChosenProbe, ProbeList, ProbeSetSummary } from "../ports.ts";
import { decodeProbeEvent, encodeProbeEvent } from "./probe-events.ts";

const SUBJECTS: Readonly<Record<string, string>> = {
  ProbesCommitted: "mira.verifier.probes.committed.v1",
  ProbeOpened: "mira.verifier.probes.opened.v1",
};

const MIGRATION = `
  CREATE TABLE IF NOT EXISTS verifier.probe_sets (
    set_id text PRIMARY KEY,
    root bytea NOT NULL,
    at_ms bigint NOT NULL
  );
  CREATE TABLE IF NOT EXISTS verifier.probes (
    probe_id text PRIMARY KEY,
    set_id text NOT NULL,
    domain text NOT NULL,
    claim text NOT NULL UNIQUE,
    uses integer NOT NULL DEFAULT 0,
    status text NOT NULL DEFAULT 'active'
  );
  CREATE INDEX IF NOT EXISTS probes_to_choose ON verifier.probes (domain, uses) WHERE status = 'active';
  CREATE INDEX IF NOT EXISTS probes_to_open ON verifier.probes (set_id) WHERE status = 'retired'`;

export function createProbeRepository(store: EventStore): Repository<ProbeSetState, ProbeSetEvent> {
  return createRepository<ProbeSetState, ProbeSetEvent>({
    store,
    category: "probes",
    initialState,
    evolve: evolveProbes,
    encode: encodeProbeEvent,
    decode: decodeProbeEvent,
    subjectOf: (type) => SUBJECTS[type],
    project: async (client, { events }) => {
      for (const event of events) await project(client, event);
    },
  });
}

async function project(client: PoolClient, event: ProbeSetEvent): Promise<void> {
  switch (event.type) {
    case "ProbesImported":
      for (const { probeId, domain, claim } of event.probes)
        await client.query(
          "INSERT INTO verifier.probes (probe_id, set_id, domain, claim) VALUES ($1, $2, $3, $4)",
          [probeId, event.setId, domain, claim],
        );
      return;
    case "ProbesCommitted":
      await client.query("INSERT INTO verifier.probe_sets (set_id, root, at_ms) VALUES ($1, $2, $3)", [
        event.setId,
        event.root,
        event.at,
      ]);
      return;
    case "ProbeUsed":
      await client.query("UPDATE verifier.probes SET uses = uses + 1 WHERE probe_id = $1", [event.probeId]);
      return;
    case "ProbeRetired":
      await client.query("UPDATE verifier.probes SET status = 'retired' WHERE probe_id = $1", [
        event.probeId,
      ]);
      return;
    case "ProbeOpened":
      await client.query("UPDATE verifier.probes SET status = 'opened' WHERE probe_id = $1", [
        event.probe.probeId,
      ]);
  }
}

type ProbeRow = { readonly probe_id: string; readonly set_id: string; readonly claim: string };
const toChosen = ({ probe_id: probeId, set_id: setId, claim }: ProbeRow): ChosenProbe => ({
  probeId,
  setId,
  claim,
});

export function createProbeList(pool: Pool): ProbeList & { readonly migrate: () => Promise<void> } {
  const ask = async (text: string, values: readonly unknown[]): Promise<readonly ChosenProbe[]> =>
    (
      await pool.query<ProbeRow>(`SELECT probe_id, set_id, claim FROM verifier.probes WHERE ${text}`, [
        ...values,
      ])
    ).rows.map(toChosen);
  return {
    migrate: async () => {
      await pool.query(MIGRATION);
    },
    choose: (domain, limit) =>
      ask("status = 'active' AND domain = $1 ORDER BY uses, random() LIMIT $2", [domain, limit]),
    findByClaims: (claims) => ask("claim = ANY($1)", [claims]),
    listRetired: (limit) => ask("status = 'retired' ORDER BY probe_id LIMIT $1", [limit]),
    async listSets(limit) {
      const { rows } = await pool.query<SetRow>(
        `SELECT s.set_id, s.root, s.at_ms, count(*) AS probes,
           count(*) FILTER (WHERE p.status = 'active') AS active,
           count(*) FILTER (WHERE p.status = 'opened') AS opened
         FROM verifier.probe_sets s JOIN verifier.probes p USING (set_id)
         GROUP BY s.set_id ORDER BY s.at_ms DESC LIMIT $1`,
        [limit],
      );
      return rows.map(toSet);
    },
  };
}

type SetRow = {
  readonly set_id: string;
  readonly root: Buffer;
  readonly at_ms: string;
  readonly probes: string;
  readonly active: string;
  readonly opened: string;
};

function toSet({ set_id: setId, root, at_ms, probes, active, opened }: SetRow): ProbeSetSummary {
  return {
    setId,
    root,
    probes: Number(probes),
    active: Number(active),
    opened: Number(opened),
    atMs: BigInt(at_ms),
  };
}
