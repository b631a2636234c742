/** Where a full stop is no end: repairs to what Intl.Segmenter finds. */

/** Always followed by what they belong to. */
const PREFIXES = new Set(
  "mr mrs ms dr prof st sr jr gen col capt lt sgt rev hon gov sen rep pres fig figs eq eqs sec ch vol no nos pp p art cf e.g i.e viz approx ca c vs al resp mt ft op ed eds trans incl excl".split(
    " ",
  ),
);

/** May end a sentence: they do when the next word starts one by all appearance. */
const EITHER = new Set(
  "etc inc ltd co corp bros u.s u.k u.n e.u u.s.a d.c a.m p.m b.c a.d b.c.e c.e ph.d m.d b.a m.a jan feb mar apr jun jul aug sep sept oct nov dec mon tue tues wed thu thur thurs fri sat sun dept est min max avg tel ext".split(
    " ",
  ),
);

const STARTERS = new Set(
  "the a an it he she they we you i this that these those in on at by for from with to of and but or so yet however moreover therefore thus also then there here when while after before since if although as its his her their our many most some all each every both one two three".split(
    " ",
  ),
);

const TAIL_CHARS = 40;

/** True when `before` (ending where a break was proposed) and `after` are one sentence. */
export function isOneSentence(before: string, after: string): boolean {
  const tail = before.slice(-TAIL_CHARS).trimEnd();
  const head = after.slice(0, TAIL_CHARS).trimStart();
  if (head === "" || /^[)\]}”’,;:]/.test(head)) return true;
  if (/^\p{Ll}/u.test(head)) return /[.!?…]["”’)\]]{0,3}$/.test(tail);
  const word = /(?:^|[\s(["“])([\p{L}](?:[\p{L}.]{0,12}\p{L})?)\.$/u.exec(tail)?.[1]?.toLowerCase();
  if (word === undefined) return false;
  if (PREFIXES.has(word)) return word !== "no" || /^\d/.test(head);
  const nextWord = /^[\p{L}'’]+/u.exec(head)?.[0].toLowerCase() ?? "";
  if (EITHER.has(word)) return !STARTERS.has(nextWord) && !/^["“(]/.test(head);
  // An initial: "J. R. R. Tolkien". "Plan B. The ..." ends.
  return /(?:^|\s|\.)\p{Lu}\.$/u.test(tail) && !STARTERS.has(nextWord);
}
