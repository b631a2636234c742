/** Confirms a witness of a total: reads the table line by line and adds up in whole units of the last decimal. */
import type { Claim, Proof } from "../../types.ts";

const FORM =
  /^column ("(?:[^"\\]|\\.){0,200}") = (-?[\d./]{1,60}); (cell|claim) (\d{1,7}) has "([^"]{1,60})", play ([\d./]{1,60}): (holds|fails)$/;
const SCALE = 1_000_000n;

export function recheckTotals({ verdict, witness }: Proof, claim: Claim, response: string): boolean {
  const match = FORM.exec(witness);
  if (match === null) return false;
  const [, name = '""', sum = "", where, at = "", printed = "", play = "", outcome] = match;
  if (verdict !== (outcome === "holds" ? "supported" : "refuted")) return false;
  const cells = readColumn(response, JSON.parse(name) as string);
  const row = response.slice(Number(at)).split("\n", 1)[0] ?? "";
  const isPrinted = where === "cell" ? row.includes(printed) : claim.text.startsWith(printed, Number(at));
  const [total, claimed, slack] = [toScaled(sum), toScaled(printed), toScaled(play)];
  if (
    cells === undefined ||
    !isPrinted ||
    total === undefined ||
    claimed === undefined ||
    slack === undefined
  )
    return false;
  if (cells.reduce((left, right) => left + right, 0n) !== total) return false;
  const difference = claimed > total ? claimed - total : total - claimed;
  return outcome === "holds" ? difference === 0n : difference > slack;
}

function readColumn(response: string, name: string): bigint[] | undefined {
  const rows = response.split("\n").flatMap((line) => (line.includes("|") ? [split(line)] : []));
  const head = rows.findIndex((cells) => cells.includes(name));
  const column = rows[head]?.indexOf(name) ?? -1;
  if (head < 0 || column < 0) return undefined;
  const body = rows
    .slice(head + 2)
    .filter(([label = ""]) => !/^\W*(?:grand |overall )?(?:total|sum)/i.test(label));
  const cells = body.map((cells) => toScaled(cells[column] ?? ""));
  return cells.every((cell) => cell !== undefined) ? cells : undefined;
}

function split(line: string): string[] {
  const cells = line.split("|").map((cell) => cell.trim());
  return line.trim().startsWith("|") ? cells.slice(1) : cells;
}

/** "$1,234.50" -> 1,234,500,000 millionths. */
function toScaled(text: string): bigint | undefined {
  const [, sign, whole = "", decimals = ""] =
    /^[*_\s$€£¥]*([-−]?)[$€£¥]?((?:\d{1,3}(?:[,\u00a0\u2009\u202f]\d{3})+|\d+))(?:\.(\d{1,6}))?[\s%*_]*$/.exec(
      text,
    ) ?? [];
  if (sign === undefined) return undefined;
  const value = BigInt(whole.replaceAll(/\D/g, "")) * SCALE + BigInt(decimals.padEnd(6, "0"));
  return sign === "" ? value : -value;
}
