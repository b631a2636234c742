/** Comma-separated values (RFC 4180): records of fields, sign by sign. */
const CHARS_MAX = 256 * 1024;

/** Undefined when a quotation mark stands where it cannot, or is never closed. The last line break ends the last record. */
export function readCsv(text: string): string[][] | undefined {
  if (text.length > CHARS_MAX) return undefined;
  const records: string[][] = [];
  let [record, field, state]: [string[], string, "start" | "plain" | "quoted" | "closed"] = [[], "", "start"];
  for (const char of text.replaceAll("\r\n", "\n").replace(/\n+$/, "")) {
    if (state === "quoted") {
      if (char === '"') state = "closed";
      else field += char;
    } else if (char === "," || char === "\n") {
      record.push(field);
      if (char === "\n") {
        records.push(record);
        record = [];
      }
      [field, state] = ["", "start"];
    } else if (char === '"') {
      if (state === "plain") return undefined;
      if (state === "closed") field += char;
      state = "quoted";
    } else {
      if (state === "closed") return undefined;
      [field, state] = [field + char, "plain"];
    }
  }
  return state === "quoted" ? undefined : [...records, [...record, field]];
}

/** A second count: commas and line breaks that an even number of quotation marks stands before. Widths of the records. */
export function countCsv(text: string): number[] | undefined {
  const bare = text.replace(/(?:\r?\n)+$/, "");
  if ((bare.split('"').length - 1) % 2 === 1) return undefined;
  const unquoted = bare
    .split('"')
    .map((part, at) => (at % 2 === 0 ? part : part.replaceAll(/[,\r\n]/g, "_")))
    .join('"');
  const lines = unquoted.split(/\r?\n/);
  const isWellQuoted = lines.every((line) =>
    line.split(",").every((field) => !field.includes('"') || /^(?:"[^"]*"){1,1000}$/.test(field)),
  );
  return isWellQuoted ? lines.map((line) => line.split(",").length) : undefined;
}
