/** The nats-server release that Mira fetches, and the checksums it accepts. */
import { createHash } from "node:crypto";

export const NATS_VERSION = "2.14.5";
export const NATS_VERSION_MIN = { major: 2, minor: 9 };
export const NATS_GO_MODULE = `github.com/nats-io/nats-server/v2@v${NATS_VERSION}`;

/** SHA-256 of the release archives, as the official Docker image of this version pins them. A platform that is not listed is not
 *  fetched as an archive. */
const ARCHIVE_SHA256: Readonly<Record<string, string>> = {
  "linux-amd64": "5e3b603d47c447bda1f77f9ac16dbf91c90aac4ff3681f8fbbc7201e4ed99355",
  "linux-arm64": "673a98d3faa79dde3f9ebf16d6dfac36a5f694e7ad2015e4954dd7939c85cd4c",
};
const GO_ARCHITECTURES: Readonly<Record<string, string>> = { x64: "amd64", arm64: "arm64" };
const RELEASES = "https://github.com/nats-io/nats-server/releases/download";

export type NatsArchive = { readonly name: string; readonly url: string; readonly sha256: string };

export function findArchive(platform: string, architecture: string): NatsArchive | undefined {
  const target = `${platform}-${GO_ARCHITECTURES[architecture] ?? architecture}`;
  const sha256 = ARCHIVE_SHA256[target];
  if (sha256 === undefined) return undefined;
  const name = `nats-server-v${NATS_VERSION}-${target}`;
  return { name, sha256, url: `${RELEASES}/v${NATS_VERSION}/${name}.tar.gz` };
}

export function verifyArchive(archive: NatsArchive, bytes: Uint8Array): void {
  const actual = createHash("sha256").update(bytes).digest("hex");
  if (actual !== archive.sha256) {
    throw new Error(`${archive.url}: expected SHA-256 ${archive.sha256}, got ${actual}; it is not used`);
  }
}
