/** Comma-separated values with a header row; fields may stand in double quotes. */

export type CsvRow = Readonly<Record<string, string>>;

export function parseCsv(text: string): CsvRow[] {
  const lines = text.replace(/^\uFEFF/, "").split(/\r?\n/);
  const header = splitFields(lines[0] ?? "");
  return lines
    .slice(1)
    .filter((line) => line !== "")
    .map((line) => {
      const fields = splitFields(line);
      return Object.fromEntries(header.map((name, at) => [name.trim(), (fields[at] ?? "").trim()]));
    });
}

function splitFields(line: string): string[] {
  if (!line.includes('"')) return line.split(",");
  return Array.from(line.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^,]*))/g), ([, quoted, plain]) =>
    quoted === undefined ? (plain ?? "") : quoted.replaceAll('""', '"'),
  );
}
