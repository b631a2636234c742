/**
 * Starts what this process reports. Metrics are always kept, for the scrape of the admin port. Spans are recorded only
 * when an OTLP endpoint is set: otherwise the API's no-op tracer stays in place and costs nothing.
 */
import { metrics, trace, type Meter, type Tracer } from "@opentelemetry/api";
import { PrometheusExporter } from "@opentelemetry/exporter-prometheus";
import {
  defaultResource,
  detectResources,
  resourceAttributesEnvDetector,
  serviceNameEnvDetector,
  resourceFromAttributes,
  type Resource,
} from "@opentelemetry/resources";
import { MeterProvider } from "@opentelemetry/sdk-metrics";
import type { SpanProcessor } from "@opentelemetry/sdk-trace";
import type { IncomingMessage, ServerResponse } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import * as names from "./names.ts";

const FLUSH_MS = 3000;

export type TelemetryOptions = {
  readonly service: string;
  readonly version: string;
  readonly networkId: string;
  readonly instanceId: string;
  /** Base address of an OTLP/HTTP receiver; absent or empty: no span is recorded. */
  readonly otlpEndpoint?: string | undefined;
  /** For tests: where spans go instead. */
  readonly spanProcessors?: readonly SpanProcessor[];
};

export type Telemetry = {
  readonly meter: Meter;
  readonly tracer: Tracer;
  /** Answers a scrape in Prometheus' text format. */
  readonly writeMetrics: (request: IncomingMessage, response: ServerResponse) => void;
  /** Flushes what is buffered, for a few seconds at most. */
  readonly stop: () => Promise<void>;
};

export async function startTelemetry(options: TelemetryOptions): Promise<Telemetry> {
  const resource = describeProcess(options);
  const stopTraces = await startTraces(options, resource);
  const exporter = new PrometheusExporter({ preventServerStart: true, withoutScopeInfo: true });
  const provider = new MeterProvider({ resource, readers: [exporter] });
  metrics.setGlobalMeterProvider(provider);
  return {
    meter: provider.getMeter(`mira.${options.service}`, options.version),
    tracer: trace.getTracer(`mira.${options.service}`, options.version),
    writeMetrics: (request, response) => exporter.getMetricsRequestHandler(request, response),
    stop: async () => {
      // A collector that is down must neither hold up the end of the process nor make it a failure.
      const flushed = Promise.allSettled([stopTraces(), provider.shutdown()]);
      await Promise.race([flushed, sleep(FLUSH_MS, undefined, { ref: false })]);
      metrics.disable();
    },
  };
}

/** What OTEL_RESOURCE_ATTRIBUTES and OTEL_SERVICE_NAME say wins: whoever deploys knows more. */
function describeProcess(options: TelemetryOptions): Resource {
  const own = resourceFromAttributes({
    [names.SERVICE_NAME]: options.service,
    [names.SERVICE_NAMESPACE]: "mira",
    [names.SERVICE_VERSION]: options.version,
    [names.SERVICE_INSTANCE_ID]: options.instanceId,
    [names.MIRA_NETWORK_ID]: options.networkId,
  });
  return defaultResource()
    .merge(own)
    .merge(detectResources({ detectors: [resourceAttributesEnvDetector, serviceNameEnvDetector] }));
}

/** The SDK is loaded only when it is used: it takes longer to import than the rest of a service. */
async function startTraces(options: TelemetryOptions, resource: Resource): Promise<() => Promise<void>> {
  if (options.otlpEndpoint === undefined && options.spanProcessors === undefined)
    return () => Promise.resolve();
  const { NodeSDK } = await import("@opentelemetry/sdk-node");
  const { OTLPTraceExporter } = await import("@opentelemetry/exporter-trace-otlp-http");
  const sdk = new NodeSDK({
    resource,
    autoDetectResources: false,
    metricReaders: [],
    logRecordProcessors: [],
    ...(options.spanProcessors === undefined
      ? { traceExporter: new OTLPTraceExporter() }
      : { spanProcessors: [...options.spanProcessors] }),
  });
  sdk.start();
  return () => sdk.shutdown();
}
