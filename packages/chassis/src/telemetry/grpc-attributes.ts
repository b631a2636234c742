/** What spans and metrics of both ends of a call have in common. */
import { status as Status, type Metadata } from "@grpc/grpc-js";
import type { Attributes, Context, Histogram, Meter, TextMapGetter, TextMapSetter } from "@opentelemetry/api";
import { propagation } from "@opentelemetry/api";
import {
  CALL_DURATION_BUCKETS,
  ERROR_TYPE,
  RPC_METHOD,
  RPC_RESPONSE_STATUS_CODE,
  RPC_SYSTEM_NAME,
  type MetricDeclaration,
} from "./names.ts";

export function describeMethod(path: string): string {
  return path.startsWith("/") ? path.slice(1) : path;
}

export function nameStatus(code: Status): string {
  return Status[code];
}

export function createDurationHistogram(meter: Meter, metric: MetricDeclaration): Histogram {
  return meter.createHistogram(metric.name, {
    unit: metric.unit,
    description: metric.description,
    advice: { explicitBucketBoundaries: [...CALL_DURATION_BUCKETS] },
  });
}

/** Attributes of one method, made once per status: a call allocates none. */
export class MethodAttributes {
  readonly start: Attributes;
  readonly #byStatus = new Map<Status, Attributes>();

  constructor(method: string) {
    this.start = { [RPC_SYSTEM_NAME]: "grpc", [RPC_METHOD]: method };
  }

  ended(code: Status, isError: boolean): Attributes {
    const known = this.#byStatus.get(code);
    if (known !== undefined) return known;
    const name = nameStatus(code);
    const attributes = {
      ...this.start,
      [RPC_RESPONSE_STATUS_CODE]: name,
      ...(isError && { [ERROR_TYPE]: name }),
    };
    this.#byStatus.set(code, attributes);
    return attributes;
  }
}

/** One value per path; paths come from service definitions, so the map is bounded by them. */
export function memoize<T>(create: (path: string) => T): (path: string) => T {
  const values = new Map<string, T>();
  return (path) => {
    const known = values.get(path);
    if (known !== undefined) return known;
    const value = create(path);
    values.set(path, value);
    return value;
  };
}

const getter: TextMapGetter<Metadata> = {
  keys: (metadata) => Object.keys(metadata.getMap()),
  get: (metadata, key) => metadata.get(key)[0]?.toString(),
};
const setter: TextMapSetter<Metadata> = { set: (metadata, key, value) => metadata.set(key, value) };

export function extractFromMetadata(parent: Context, metadata: Metadata): Context {
  return propagation.extract(parent, metadata, getter);
}

export function injectIntoMetadata(from: Context, metadata: Metadata): void {
  propagation.inject(from, metadata, setter);
}
