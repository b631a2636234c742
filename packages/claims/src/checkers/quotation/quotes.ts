/** Quotations in a claim, and the form in which two texts are compared word for word. */
export type Quote = {
  /** As printed between the marks. */
  readonly text: string;
  /** Normalised, split where the quotation leaves something out. */
  readonly pieces: readonly string[];
  /** Marks included. */
  readonly start: number;
  readonly end: number;
};

const QUOTES_MAX = 10;
/** One or two words in marks are a title or a manner of speaking. */
const WORDS_MIN = 3;

export function listQuotes(text: string): Quote[] {
  const quotes: Quote[] = [];
  for (const match of text.matchAll(/["“„«]([^"“”„«»]{1,1000})["”“»]/g)) {
    const [whole, inner = ""] = match;
    if (quotes.length >= QUOTES_MAX) break;
    if (inner.trim().split(/\s+/).length < WORDS_MIN) continue;
    const pieces = inner
      .split(/\s?\[?(?:\.\.\.|…)\]?\s?/)
      .map((piece) => normaliseQuote(piece).replace(/[,.;:!?]$/, ""))
      .filter((piece) => piece !== "");
    quotes.push({ text: inner.trim(), pieces, start: match.index, end: match.index + whole.length });
  }
  return quotes;
}

export function normaliseQuote(text: string): string {
  return text
    .replaceAll(/[“”„«»]/g, '"')
    .replaceAll(/[‘’‚]/g, "'")
    .replaceAll(/[‐‑‒–—]/g, "-")
    .replaceAll(/[*_`>\u2060]/g, "")
    .replaceAll(/\s+/g, " ")
    .trim();
}
