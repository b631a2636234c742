/** What a command prints: data to standard output, as text for people or JSON for programs; everything else to standard error. */
export type OutputFormat = "text" | "json";

export type Output = {
  readonly format: OutputFormat;
  /** The command's result. `text` is made only when people read it. */
  readonly result: (data: unknown, text: () => string) => void;
  /** Progress and notices. Nothing where JSON is asked for and nobody watches. */
  readonly note: (line: string) => void;
  readonly style: Style;
};

export type Style = Readonly<Record<"bold" | "dim" | "red" | "green" | "yellow", (text: string) => string>>;

const CODES = { bold: [1, 22], dim: [2, 22], red: [31, 39], green: [32, 39], yellow: [33, 39] } as const;

export function createOutput(format: OutputFormat): Output {
  return {
    format,
    result: (data, text) => process.stdout.write(format === "json" ? `${formatJson(data)}\n` : `${text()}\n`),
    note: (line) => {
      if (format === "text" || process.stderr.isTTY) process.stderr.write(`${line}\n`);
    },
    style: createStyle(process.stdout.isTTY && !process.env["NO_COLOR"]),
  };
}

function createStyle(colored: boolean): Style {
  const paint = (name: keyof typeof CODES) => (text: string) =>
    colored ? `\u001b[${CODES[name][0]}m${text}\u001b[${CODES[name][1]}m` : text;
  return {
    bold: paint("bold"),
    dim: paint("dim"),
    red: paint("red"),
    green: paint("green"),
    yellow: paint("yellow"),
  };
}

/** 64-bit amounts as decimal text, bytes as hexadecimal: nothing loses a digit. */
export function formatJson(data: unknown): string {
  return JSON.stringify(data, toJson);
}

function toJson(_name: string, value: unknown): unknown {
  if (typeof value === "bigint") return value.toString();
  if (value instanceof Uint8Array) return Buffer.from(value).toString("hex");
  if (isSerializedBuffer(value)) return Buffer.from(value.data).toString("hex");
  return value;
}

/** Buffers turn themselves into this before the replacer sees them. */
function isSerializedBuffer(value: unknown): value is { data: number[] } {
  return (
    typeof value === "object" &&
    value !== null &&
    "type" in value &&
    value.type === "Buffer" &&
    "data" in value &&
    Array.isArray(value.data)
  );
}

/** Text from others, on one line and without control characters: a claim or a program's log must not paint the terminal. */
export function toOneLine(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\s]+/gu, " ").trim();
}

/** Columns as wide as their widest cell. */
export function formatTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((title, column) =>
    Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0)),
  );
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join("  ")
      .trimEnd();
  return [line(head), ...rows.map(line)].join("\n");
}
