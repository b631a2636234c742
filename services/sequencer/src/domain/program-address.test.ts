import assert from "node:assert/strict";
import { test } from "node:test";
import { decodeKey, encodeBase58 } from "@mira/primitives";
import { address, getAddressEncoder, getProgramDerivedAddress } from "@solana/kit";
import fc from "fast-check";
import { findProgramAddress } from "./program-address.ts";

const LOADER = "BPFLoaderUpgradeab1e11111111111111111111111";

test("derived addresses are those that kit derives", async () => {
  const loader = decodeKey(LOADER);
  assert.ok(loader);
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ minLength: 32, maxLength: 32 }), async (program) => {
      const seeds = [getAddressEncoder().encode(address(encodeBase58(program)))];
      const [expected] = await getProgramDerivedAddress({ programAddress: address(LOADER), seeds });
      assert.equal(encodeBase58(findProgramAddress(program, loader)), expected);
    }),
    { numRuns: 40 },
  );
});
