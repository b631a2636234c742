/** Writes an ONNX file byte by byte: the few messages of the format that a small model needs. */

type Field = readonly [number, Uint8Array | string | number | bigint];

/** A protobuf message: varints for numbers, length-delimited for the rest. */
function message(...fields: readonly Field[]): Uint8Array {
  return Buffer.concat(
    fields.flatMap(([number, value]) => {
      if (typeof value === "number" || typeof value === "bigint")
        return [varint((number << 3) | 0), varint(value)];
      const bytes = typeof value === "string" ? Buffer.from(value) : value;
      return [varint((number << 3) | 2), varint(bytes.length), bytes];
    }),
  );
}

function varint(value: number | bigint): Uint8Array {
  const bytes: number[] = [];
  let left = BigInt(value);
  do {
    bytes.push(Number(left & 0x7fn) | (left > 0x7fn ? 0x80 : 0));
    left >>= 7n;
  } while (left > 0n);
  return Uint8Array.from(bytes);
}

const FLOAT = 1;
const INT64 = 7;

export function floats(name: string, dims: readonly number[], values: readonly number[]): Uint8Array {
  const data = Buffer.alloc(values.length * 4);
  for (const [at, value] of values.entries()) data.writeFloatLE(value, at * 4);
  return message(...dims.map((dim): Field => [1, dim]), [2, FLOAT], [8, name], [9, data]);
}

export function integers(name: string, values: readonly number[]): Uint8Array {
  const data = Buffer.alloc(values.length * 8);
  for (const [at, value] of values.entries()) data.writeBigInt64LE(BigInt(value), at * 8);
  return message([1, values.length], [2, INT64], [8, name], [9, data]);
}

export function node(
  operation: string,
  inputs: readonly string[],
  output: string,
  attributes: readonly Uint8Array[] = [],
): Uint8Array {
  return message(
    ...inputs.map((input): Field => [1, input]),
    [2, output],
    [3, output],
    [4, operation],
    ...attributes.map((attribute): Field => [5, attribute]),
  );
}

/** An attribute with an integer. */
export function attribute(name: string, value: number): Uint8Array {
  return message([1, name], [3, value], [20, 2]);
}

function valueInfo(name: string, type: number, dims: readonly (number | string)[]): Uint8Array {
  const shape = message(
    ...dims.map((dim): Field => [1, typeof dim === "number" ? message([1, dim]) : message([2, dim])]),
  );
  return message([1, name], [2, message([1, message([1, type], [2, shape])])]);
}

export type Graph = {
  readonly nodes: readonly Uint8Array[];
  readonly initializers: readonly Uint8Array[];
  readonly inputs: readonly string[];
  readonly outputLength: number;
};

const IR_VERSION = 8;
const OPSET = 17;

export function writeOnnx({ nodes, initializers, inputs, outputLength }: Graph): Uint8Array {
  const graph = message(
    ...nodes.map((one): Field => [1, one]),
    [2, "tiny-nli"],
    ...initializers.map((one): Field => [5, one]),
    ...inputs.map((name): Field => [11, valueInfo(name, INT64, [1, "length"])]),
    [12, valueInfo("logits", FLOAT, [1, outputLength])],
  );
  return message([1, IR_VERSION], [2, "mira-test"], [7, graph], [8, message([1, ""], [2, OPSET])]);
}
