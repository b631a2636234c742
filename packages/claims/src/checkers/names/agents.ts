/** "Designed by Mary Holt": a deed that has one doer, and the name of the doer. */
export type Agent = {
  /** Lower case. */
  readonly verb: string;
  readonly text: string;
  /** Words of the name, lower case. */
  readonly names: readonly string[];
  /** Place of the name. */
  readonly start: number;
  readonly end: number;
};

const VERBS =
  "designed|written|composed|painted|directed|invented|discovered|founded|built|sculpted|translated|edited|produced|authored|illustrated";
const AGENT = new RegExp(
  `\\b(${VERBS}) by (?:the )?(?:[a-z]+ ){0,2}((?:\\p{Lu}[\\p{L}'’.-]{0,40} ){0,4}\\p{Lu}[\\p{L}'’-]{0,40})(.{0,20})`,
  "gu",
);

/** Names that others follow ("and", a comma) are left out: a deed of several has several names. */
export function findAgents(text: string): Agent[] {
  return [...text.matchAll(AGENT)].flatMap((match) => {
    const [whole, verb = "", name = "", behind = ""] = match;
    if (/^(?:,|\s?&|\s+(?:and|or|with)\b)/.test(behind)) return [];
    const start = match.index + whole.indexOf(name, verb.length);
    const names = name.toLowerCase().match(/[\p{L}\p{N}]{2,}/gu) ?? [];
    return [{ verb, text: name, names, start, end: start + name.length }];
  });
}
