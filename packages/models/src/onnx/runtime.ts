/** The library that runs ONNX models: heavy, so optional and loaded only when a model is configured. */
import { createRequire } from "node:module";
import { join } from "node:path";
import { refuse, succeed } from "@mira/primitives";
import type { ModelResult } from "../chat/chat-types.ts";

export type OnnxTensor = { readonly data: unknown; readonly dims: readonly number[] };

export type OnnxSession = {
  readonly inputNames: readonly string[];
  readonly outputNames: readonly string[];
  readonly run: (
    feeds: Readonly<Record<string, OnnxTensor>>,
  ) => Promise<Readonly<Record<string, OnnxTensor>>>;
  readonly release: () => Promise<void>;
};

export type OnnxRuntime = {
  readonly InferenceSession: {
    readonly create: (model: Uint8Array, options: Readonly<Record<string, unknown>>) => Promise<OnnxSession>;
  };
  readonly Tensor: new (type: string, data: BigInt64Array, dims: readonly number[]) => OnnxTensor;
};

/** `folder`: where it was installed, when not beside this package. */
export function loadOnnxRuntime(folder?: string): ModelResult<OnnxRuntime> {
  const require = createRequire(folder === undefined ? import.meta.url : join(folder, "package.json"));
  try {
    const loaded: unknown = require("onnxruntime-node");
    return isRuntime(loaded)
      ? succeed(loaded)
      : refuse("MODEL_RUNTIME_MISSING", "onnxruntime-node is there, and not the library it should be");
  } catch (error) {
    const got = error instanceof Error ? (error.message.split("\n")[0] ?? "").slice(0, 200) : String(error);
    return refuse("MODEL_RUNTIME_MISSING", "onnxruntime-node cannot be loaded", {
      folder: folder ?? "",
      got,
    });
  }
}

function isRuntime(value: unknown): value is OnnxRuntime {
  return (
    typeof value === "object" &&
    value !== null &&
    "InferenceSession" in value &&
    typeof value.InferenceSession === "function" &&
    "Tensor" in value &&
    typeof value.Tensor === "function"
  );
}
