/** Health v1 and reflection v1 and v1alpha, asked as grpcurl and Kubernetes ask them. */
import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { test } from "node:test";
import { promisify } from "node:util";
import {
  credentials,
  loadPackageDefinition,
  makeClientConstructor,
  type Client,
  type ClientDuplexStream,
  type GrpcObject,
  type ServiceClientConstructor,
} from "@grpc/grpc-js";
import { loadSync } from "@grpc/proto-loader";
import { Readiness } from "@mira/chassis";
import { service as healthService } from "grpc-health-check";
import { startSettlement } from "./fixtures/harness.ts";

type HealthClient = Client & {
  readonly check: (
    request: { service: string },
    callback: (error: Error | null, response: { status: string }) => void,
  ) => void;
};
const SETTLEMENT = "mira.settlement.v1.SettlementService";

test("health follows readiness, for the server and for each service; others are NOT_FOUND", async (t) => {
  const readiness = new Readiness();
  const { server } = await startSettlement(t, { implementation: {}, server: { readiness } });
  const Health = makeClientConstructor(healthService, "Health");
  const client = new Health(server.address, credentials.createInsecure()) as unknown as HealthClient;
  t.after(() => client.close());
  const check = promisify(client.check.bind(client));
  assert.equal((await check({ service: "" })).status, "NOT_SERVING");
  readiness.setState("serving");
  assert.equal((await check({ service: "" })).status, "SERVING");
  assert.equal((await check({ service: SETTLEMENT })).status, "SERVING");
  readiness.setState("draining");
  assert.equal((await check({ service: SETTLEMENT })).status, "NOT_SERVING");
  await assert.rejects(check({ service: "mira.nobody.v1.Nobody" }), { code: 5 });
});

for (const version of ["v1", "v1alpha"])
  test(`reflection ${version} lists the services served, and describes them`, async (t) => {
    const { server } = await startSettlement(t, { implementation: {} });
    const ask = openReflection(version, server.address);
    t.after(() => ask.close());
    const listed = await ask({ listServices: "" });
    assert.deepEqual(listed.listServicesResponse?.service, [{ name: SETTLEMENT }]);
    const described = await ask({ fileContainingSymbol: `${SETTLEMENT}.GetStatus` });
    const files = described.fileDescriptorResponse?.fileDescriptorProto ?? [];
    assert.ok(files.some((file) => file.includes("WatchProgress")));
    const unknown = await ask({ fileContainingSymbol: "mira.nobody.v1.Nobody" });
    assert.equal(unknown.errorResponse?.errorCode, 5);
  });

type ReflectionResponse = {
  readonly listServicesResponse?: { readonly service: readonly { readonly name: string }[] };
  readonly fileDescriptorResponse?: { readonly fileDescriptorProto: readonly Buffer[] };
  readonly errorResponse?: { readonly errorCode: number };
};

type ReflectionClient = Client & {
  readonly ServerReflectionInfo: () => ClientDuplexStream<object, ReflectionResponse>;
};

function openReflection(version: string, address: string) {
  const root = createRequire(import.meta.url).resolve("@grpc/reflection");
  const path = root.replace(/build.*$/, `build/proto/grpc/reflection/${version}/reflection.proto`);
  const grpc = loadPackageDefinition(loadSync(path))["grpc"] as GrpcObject;
  const loaded = (grpc["reflection"] as GrpcObject)[version] as GrpcObject;
  const Reflection = loaded["ServerReflection"] as ServiceClientConstructor;
  const client = new Reflection(address, credentials.createInsecure()) as unknown as ReflectionClient;
  const stream = client.ServerReflectionInfo();
  stream.on("error", () => undefined);
  async function ask(request: object): Promise<ReflectionResponse> {
    const { promise, resolve } = Promise.withResolvers<ReflectionResponse>();
    stream.once("data", resolve);
    stream.write(request);
    return promise;
  }
  return Object.assign(ask, { close: () => client.close() });
}
