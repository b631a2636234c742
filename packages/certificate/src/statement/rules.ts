/** The forms of texts and figures in a statement; docs/certificate/schema.json says the same to others. */
export const TEXT_MAX = { charsMax: 65_536 };
export const ID = { pattern: /^[\x21-\x7e]{1,256}$/, needed: "1 to 256 printable characters without spaces" };
export const CATEGORY = { pattern: /^[a-z][a-z-]{0,63}$/, needed: "a word in lower case" };
export const CLAIMS_MAX = 4_096;
export const SHA256 = { pattern: /^[0-9a-f]{64}$/, needed: "64 lower-case hexadecimal digits" };
export const BASE58 = {
  pattern: /^[1-9A-HJ-NP-Za-km-z]{32,44}$/,
  needed: "base58 of 32 bytes",
};
/** Above zero: nobody is drawn with less. */
export const DECIMAL_UNITS = { pattern: /^[1-9]\d{0,39}$/, needed: "a whole number above zero" };
export const DECIMAL = { pattern: /^-?(?:0|[1-9]\d{0,39})(?:\.\d{1,20})?$/, needed: "a decimal" };
export const INSTANT = {
  pattern: /^\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d\.\d{3}Z$/,
  needed: "an instant such as 2026-01-31T12:00:00.000Z",
};
export const BASE64 = {
  pattern: /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/,
  needed: "base64",
};
export const OFFSET = { min: 0, max: 2 ** 31 - 1 };
export const COUNT = { min: 0, max: 2 ** 32 - 1 };
