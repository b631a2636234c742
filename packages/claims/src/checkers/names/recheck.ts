/** Confirms a witness about a name: reads the passage it points at, and looks for the claimed name in every source. */
import type { Claim, Proof, Source } from "../../types.ts";

const OTHER =
  /^([a-z]{5,12}) by ("[^"\\]{1,220}"); source ("(?:[^"\\]|\\.){1,200}") at (\d{1,7}) to (\d{1,7}) has [a-z]{5,12} by ("[^"\\]{1,220}"): other$/;
const MENTION = /^("[^"\\]{1,80}") stands in source ("(?:[^"\\]|\\.){1,200}"): (holds|fails)$/;

export function recheckNames(
  { verdict, witness }: Proof,
  claim: Claim,
  _response: string,
  sources: readonly Source[],
): boolean {
  const mention = MENTION.exec(witness);
  if (mention !== null) {
    const [, quoted = '""', id = '""', outcome] = mention;
    const name = JSON.parse(quoted) as string;
    const text = sources.find(({ sourceId }) => sourceId === JSON.parse(id))?.text;
    if (text === undefined || !claim.text.includes(name)) return false;
    return outcome === "holds"
      ? verdict === "supported" && text.includes(name)
      : verdict === "refuted" && !text.includes(name);
  }
  const [, verb = "", ours = '""', id = '""', start, end, theirs = '""'] = OTHER.exec(witness) ?? [];
  const [claimed, found] = [JSON.parse(ours) as string, JSON.parse(theirs) as string];
  const source = sources.find(({ sourceId }) => sourceId === JSON.parse(id));
  if (verdict !== "refuted" || claimed === "" || source === undefined) return false;
  const passage = squeeze(source.text.slice(Number(start), Number(end)));
  const isThere = passage.includes(squeeze(`${verb} by`)) && passage.includes(squeeze(found));
  const isElsewhere = sources.some(({ text, title }) => squeeze(text + title).includes(squeeze(claimed)));
  return isThere && !isElsewhere && squeeze(claim.text).includes(squeeze(claimed));
}

const squeeze = (text: string): string => text.toLowerCase().replaceAll(/[^\p{L}\p{N}]+/gu, "");
