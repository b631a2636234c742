/** For tests only: deciders in given/when/then, a clock and randomness one controls, and real servers. */
export { FakeClock } from "./fake-clock.ts";
export { eventually } from "./eventually.ts";
export { given } from "./given-when-then.ts";
export type { Given, When } from "./given-when-then.ts";
export { seededRandom } from "./seeded-random.ts";
export type { SeededRandom } from "./seeded-random.ts";
export { useTestDatabase } from "./test-database.ts";
export type { TestDatabase } from "./test-database.ts";
export { useTestNats } from "./test-nats.ts";
export type { TestNats } from "./test-nats.ts";
