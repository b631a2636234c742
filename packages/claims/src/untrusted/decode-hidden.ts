/** Texts that stand inside a text in another form: tag characters, spaced letters, base64, hexadecimal, reversed, rotated. */

const PIECES_MAX = 16;
const PIECE_CHARACTERS_MAX = 2_000;

/** What could be read out of `raw`; `clean` is the same text without what nobody sees. */
export function decodeHidden(raw: string, clean: string): readonly string[] {
  return [
    decodeTags(raw),
    joinSpaced(clean),
    Array.from(clean).reverse().join(""),
    rotate13(clean),
    undoDigits(clean),
    ...decodeEncoded(clean),
  ].filter((text) => text !== "" && text !== clean);
}

/** U+E0020..U+E007E stand for ASCII and show as nothing. */
function decodeTags(raw: string): string {
  return [...raw.matchAll(/[\u{E0020}-\u{E007E}]/gu)]
    .map(([tag]) => String.fromCodePoint((tag.codePointAt(0) ?? 0xe0020) - 0xe0000))
    .join("");
}

/** "i g n o r e   t h e   r u l e s": single letters between single separators; wider gaps end a word. */
function joinSpaced(text: string): string {
  const spaced = /(?:(?<![\p{L}\p{N}])\p{L}[ .\-_*]{1,3}){5,400}\p{L}(?![\p{L}\p{N}])/gu;
  return [...text.matchAll(spaced)]
    .slice(0, PIECES_MAX)
    .map(([run]) => {
      const words = run.split(/[ .\-_*]{2,3}/u).map((word) => word.replace(/[ .\-_*]/gu, ""));
      return words.join(" ");
    })
    .join(" ");
}

function decodeEncoded(text: string): readonly string[] {
  const base64 = [...text.matchAll(/[A-Za-z0-9+/_-]{20,2000}={0,2}/gu)].map(([run]) =>
    Buffer.from(run, "base64"),
  );
  const hex = [...text.matchAll(/(?:[0-9a-f]{2}[ :]?){10,1000}/giu)].map(([run]) =>
    Buffer.from(run.replace(/[ :]/gu, ""), "hex"),
  );
  return [...base64, ...hex]
    .slice(0, PIECES_MAX)
    .map((bytes) => bytes.subarray(0, PIECE_CHARACTERS_MAX).toString("utf8"))
    .filter((decoded) => !decoded.includes("\uFFFD") && /^[\p{L}\p{N}\p{P}\p{S}\s]+$/u.test(decoded));
}

function rotate13(text: string): string {
  return text.replace(/[a-z]/giu, (letter) => {
    const base = letter <= "Z" ? 65 : 97;
    return String.fromCharCode(((letter.charCodeAt(0) - base + 13) % 26) + base);
  });
}

const DIGIT_LETTERS: Readonly<Record<string, string>> = {
  ...{ "0": "o", "1": "i", "3": "e", "4": "a", "5": "s", "7": "t", "@": "a", $: "s" },
};

/** "1gn0re": digits inside words that also have letters. */
function undoDigits(text: string): string {
  return text.replace(/[\p{L}0-9@$]{3,64}/gu, (word) =>
    /\p{L}/u.test(word) ? word.replace(/[013457@$]/gu, (digit) => DIGIT_LETTERS[digit] ?? digit) : word,
  );
}
