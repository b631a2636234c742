/** gRPC server reflection, v1 and v1alpha, from the committed descriptor set. */
import { readFileSync } from "node:fs";
import type { Server } from "@grpc/grpc-js";
import { loadFileDescriptorSetFromBuffer } from "@grpc/proto-loader";
import { ReflectionService } from "@grpc/reflection";

/** Offers only the named services, though the descriptor set knows all. */
export function addReflection(server: Server, descriptors: string, services: readonly string[]): void {
  const definition = loadFileDescriptorSetFromBuffer(readFileSync(descriptors));
  new ReflectionService(definition, { services: [...services] }).addToServer(server);
}
