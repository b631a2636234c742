/** Probes that were imported together: committed to before use, used a limited number of times, retired, and opened. */
import { computeRoot, hashLeaf } from "@mira/merkle";
import {
  accept,
  encodeProbe,
  refuse,
  unreachable,
  type Decision,
  type Probe,
  type UnixMs,
} from "@mira/primitives";
import type { OpenedUse } from "./probe-answers.ts";

export type KnownProbe = Probe & {
  readonly uses: readonly { readonly verificationId: string; readonly claimId: string }[];
  readonly status: "active" | "retired" | "opened";
  /** Why it is no longer used; empty while it is. */
  readonly reason: string;
};

type Told<Type extends string, Fields> = {
  readonly type: Type;
  readonly setId: string;
  readonly at: UnixMs;
} & Readonly<Fields>;

export type ProbeSetEvent =
  | Told<"ProbesImported", { probes: readonly Probe[] }>
  | Told<"ProbesCommitted", { root: Uint8Array; count: number }>
  | Told<"ProbeUsed", { probeId: string; verificationId: string; claimId: string }>
  | Told<"ProbeRetired", { probeId: string; reason: string }>
  | Told<
      "ProbeOpened",
      {
        probe: Probe;
        index: number;
        treeSize: number;
        path: readonly Uint8Array[];
        reason: string;
        uses: readonly OpenedUse[];
      }
    >;

export type ProbeSetState = { readonly setId: string; readonly probes: readonly KnownProbe[] };
export const initialState: ProbeSetState = { setId: "", probes: [] };

export type ProbeSetCommand =
  | {
      readonly type: "import";
      readonly setId: string;
      readonly probes: readonly Probe[];
      readonly at: UnixMs;
    }
  | {
      readonly type: "use";
      readonly probeId: string;
      readonly verificationId: string;
      readonly claimId: string;
      readonly usesMax: number;
      readonly at: UnixMs;
    }
  | { readonly type: "retire"; readonly probeId: string; readonly reason: string; readonly at: UnixMs }
  | {
      readonly type: "openProbe";
      readonly probeId: string;
      readonly path: readonly Uint8Array[];
      readonly uses: readonly OpenedUse[];
      readonly at: UnixMs;
    };

export function decideProbes(command: ProbeSetCommand, state: ProbeSetState): Decision<ProbeSetEvent> {
  if (command.type === "import") return decideImport(command, state);
  const probe = state.probes.find(({ probeId }) => probeId === command.probeId);
  if (probe === undefined) return refuse("NOT_FOUND", "no such probe", { probeId: command.probeId });
  const { setId } = state;
  const { probeId, at } = command;
  switch (command.type) {
    case "use": {
      if (probe.status !== "active")
        return refuse("PROBE_INVALID", "the probe is no longer used", { probeId, reason: probe.reason });
      const { verificationId, claimId, usesMax } = command;
      const used: ProbeSetEvent = { type: "ProbeUsed", setId, probeId, verificationId, claimId, at };
      return probe.uses.length + 1 < usesMax
        ? accept(used)
        : accept<ProbeSetEvent>(used, { type: "ProbeRetired", setId, probeId, reason: "used up", at });
    }
    case "retire":
      return probe.status === "active"
        ? accept({ type: "ProbeRetired", setId, probeId, reason: command.reason, at })
        : accept();
    case "openProbe":
      return decideOpenProbe(command, probe, state);
    default:
      return unreachable(command);
  }
}

function decideImport(
  { setId, probes, at }: Extract<ProbeSetCommand, { type: "import" }>,
  state: ProbeSetState,
): Decision<ProbeSetEvent> {
  // The id is the digest of what was signed: the same import again changes nothing.
  if (state.setId !== "") return accept();
  const root = computeRoot(probes.map((probe) => hashLeaf(encodeProbe(probe))));
  return accept<ProbeSetEvent>(
    { type: "ProbesImported", setId, probes, at },
    { type: "ProbesCommitted", setId, root, count: probes.length, at },
  );
}

/** Only once nobody is asked about it any more: what is opened is known to everyone. */
function decideOpenProbe(
  { path, uses, at }: Extract<ProbeSetCommand, { type: "openProbe" }>,
  probe: KnownProbe,
  { setId, probes }: ProbeSetState,
): Decision<ProbeSetEvent> {
  if (probe.status === "opened") return accept();
  if (probe.status === "active")
    return refuse("PROBE_INVALID", "a probe that is in use is not opened", { probeId: probe.probeId });
  const missing = probe.uses.find(
    ({ verificationId }) => !uses.some((use) => use.verificationId === verificationId),
  );
  if (missing !== undefined)
    return refuse("PROBE_INVALID", "every use of a probe is opened with it", {
      missing: missing.verificationId,
    });
  const { probeId, claim, truth, domain, salt, reason } = probe;
  return accept({
    type: "ProbeOpened",
    setId,
    probe: { probeId, claim, truth, domain, salt },
    index: probes.indexOf(probe),
    treeSize: probes.length,
    path,
    reason,
    uses,
    at,
  });
}

export function evolveProbes(state: ProbeSetState, event: ProbeSetEvent): ProbeSetState {
  const change = (probeId: string, of: (probe: KnownProbe) => KnownProbe): ProbeSetState => ({
    ...state,
    probes: state.probes.map((probe) => (probe.probeId === probeId ? of(probe) : probe)),
  });
  switch (event.type) {
    case "ProbesImported":
      return {
        setId: event.setId,
        probes: event.probes.map((probe) => ({ ...probe, uses: [], status: "active", reason: "" })),
      };
    case "ProbesCommitted":
      return state;
    case "ProbeUsed": {
      const { verificationId, claimId } = event;
      return change(event.probeId, (probe) => ({
        ...probe,
        uses: [...probe.uses, { verificationId, claimId }],
      }));
    }
    case "ProbeRetired":
      return change(event.probeId, (probe) => ({ ...probe, status: "retired", reason: event.reason }));
    case "ProbeOpened":
      return change(event.probe.probeId, (probe) => ({ ...probe, status: "opened" }));
    default:
      return unreachable(event);
  }
}
