import { test } from "node:test";
import assert from "node:assert/strict";
import { accept, refuse } from "@mira/primitives";
import type { Decider } from "@mira/primitives";
import { FakeClock, eventually, given, seededRandom } from "./index.ts";

type Opened = { readonly type: "Opened" };
const door: Decider<"open", { open: boolean }, Opened, "CONCURRENT_CHANGE"> = {
  initialState: { open: false },
  decide: (_command, state) =>
    state.open
      ? refuse("CONCURRENT_CHANGE", "The door is open.", { open: true })
      : accept({ type: "Opened" }),
  evolve: () => ({ open: true }),
};

test("given/when/then accepts the right events and fails on wrong ones", () => {
  given(door).when("open").then({ type: "Opened" });
  assert.throws(() => given(door).when("open").then());
  assert.throws(() =>
    given(door, [{ type: "Opened" }])
      .when("open")
      .then({ type: "Opened" }),
  );
});

test("given/when/then accepts the right refusal and fails on wrong ones", () => {
  const refused = given(door, [{ type: "Opened" }]).when("open");
  refused.thenRefuses("CONCURRENT_CHANGE", { open: "true" });
  assert.throws(() => refused.thenRefuses("CONCURRENT_CHANGE", { open: "false" }));
  assert.throws(() => given(door).when("open").thenRefuses("CONCURRENT_CHANGE"));
});

test("a fake clock stands still until it is moved", () => {
  const clock = new FakeClock(5);
  assert.equal(clock.now(), 5);
  clock.advance(10);
  assert.equal(clock.now(), 15);
});

test("one seed gives one sequence, another seed another", () => {
  const draw = (seed: number): number[] => {
    const random = seededRandom(seed);
    return Array.from({ length: 8 }, () => random.integer(0, 1_000_000));
  };
  assert.deepEqual(draw(7), draw(7));
  assert.notDeepEqual(draw(7), draw(8));
  const shuffled = seededRandom(1).shuffle([1, 2, 3, 4, 5]);
  assert.deepEqual([...shuffled].sort(), [1, 2, 3, 4, 5]);
});

test("eventually returns what the probe returns, and fails with the last reason", async () => {
  let calls = 0;
  assert.equal(await eventually(() => (++calls < 3 ? assert.fail("not yet") : calls)), 3);
  await assert.rejects(
    eventually(() => assert.fail("never"), { timeoutMs: 20 }),
    /not so after 20 ms: never/,
  );
});
