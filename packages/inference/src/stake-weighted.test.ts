import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { aggregateStakeWeighted, type Verdict, type WeighedAttestation } from "./index.ts";

type Row = readonly [verdict: Verdict, stake: bigint, confidence?: number];

const make = (...rows: readonly Row[]): WeighedAttestation[] =>
  rows.map(([verdict, stake, confidence = 1], at) => ({ validatorId: `v${at}`, verdict, stake, confidence }));

const cases: ReadonlyArray<readonly [what: string, rows: readonly Row[], verdict: Verdict, reason: RegExp]> =
  [
    ["nobody", [], "unresolved", /no stake/],
    ["stake of nothing", [["supported", 0n]], "unresolved", /no stake/],
    ["one voice for", [["supported", 5n]], "supported", /greater stake/],
    ["one voice against", [["refuted", 5n]], "refuted", /greater stake/],
    ["one abstention", [["unresolved", 5n]], "unresolved", /two thirds/],
    [
      "an even split",
      [
        ["supported", 5n],
        ["refuted", 2n],
        ["refuted", 3n],
      ],
      "unresolved",
      /split evenly/,
    ],
    [
      "one unit more on one side",
      [
        ["supported", 5n],
        ["refuted", 6n],
      ],
      "refuted",
      /greater stake/,
    ],
    [
      "exactly two thirds taking a side",
      [
        ["supported", 2n],
        ["unresolved", 1n],
      ],
      "unresolved",
      /two thirds/,
    ],
    [
      "one unit over two thirds",
      [
        ["supported", 2001n],
        ["unresolved", 1000n],
      ],
      "supported",
      /greater stake/,
    ],
    [
      "many small against one large",
      [
        ["refuted", 1n],
        ["refuted", 1n],
        ["supported", 3n],
      ],
      "supported",
      /of 5 units/,
    ],
    [
      "stake beyond 2^53",
      [
        ["supported", 2n ** 80n + 1n],
        ["refuted", 2n ** 80n],
      ],
      "supported",
      /greater stake/,
    ],
  ];
for (const [what, rows, verdict, reason] of cases)
  test(`${what}: ${verdict}`, () => {
    const inferred = aggregateStakeWeighted(make(...rows));
    assert.equal(inferred.verdict, verdict);
    assert.match(inferred.reason, reason);
    assert.equal(inferred.confidence > 0, verdict !== "unresolved");
  });

test("silence counts towards the committee, and for nobody", () => {
  const attestations = make(["supported", 66n]);
  assert.equal(aggregateStakeWeighted(attestations, { committeeStake: 99n }).verdict, "unresolved");
  assert.equal(aggregateStakeWeighted(attestations, { committeeStake: 98n }).verdict, "supported");
});

test("confidence is the winners' own, times their share of the committee's stake", () => {
  const rows = make(["supported", 80n, 0.9], ["refuted", 10n, 1], ["unresolved", 10n, 0.5]);
  assert.equal(aggregateStakeWeighted(rows).confidence, 0.72);
});

test("what the caller must have sorted out is a bug", () => {
  const [one] = make(["supported", 1n]);
  assert.ok(one);
  assert.throws(() => aggregateStakeWeighted([one, { ...one, verdict: "refuted" }]), /two attestations/);
  assert.throws(() => aggregateStakeWeighted([{ ...one, stake: -1n }]), /0 or more/);
  for (const confidence of [-0.1, 1.1, Number.NaN])
    assert.throws(() => aggregateStakeWeighted([{ ...one, confidence }]), /needed 0\.\.1/);
  assert.throws(() => aggregateStakeWeighted([one], { committeeStake: 0n }), /at least 1/);
});

const rows: fc.Arbitrary<WeighedAttestation[]> = fc
  .array(
    fc.record({
      verdict: fc.constantFrom<Verdict>("supported", "refuted", "unresolved"),
      stake: fc.oneof(fc.bigInt({ min: 0n, max: 9n }), fc.bigInt({ min: 0n, max: 2n ** 70n })),
      confidence: fc.double({ min: 0, max: 1, noNaN: true }),
    }),
    { maxLength: 12 },
  )
  .map((all) => all.map((row, at) => ({ validatorId: `v${at}`, ...row })));

test("any order of the same attestations gives the same answer", () => {
  const shuffled = rows.chain((all) =>
    fc.tuple(fc.constant(all), fc.shuffledSubarray(all, { minLength: all.length })),
  );
  fc.assert(
    fc.property(shuffled, ([all, mixed]) => {
      assert.deepEqual(aggregateStakeWeighted(mixed), aggregateStakeWeighted(all));
    }),
  );
});

test("more stake on the winning side never changes the verdict", () => {
  fc.assert(
    fc.property(rows, fc.bigInt({ min: 0n, max: 2n ** 70n }), (all, stake) => {
      const before = aggregateStakeWeighted(all);
      fc.pre(before.verdict !== "unresolved");
      const more = [...all, { validatorId: "new", verdict: before.verdict, stake, confidence: 0.5 }];
      assert.equal(aggregateStakeWeighted(more).verdict, before.verdict);
    }),
  );
});

test("swapping the sides swaps the verdict", () => {
  const swap: Record<Verdict, Verdict> = {
    supported: "refuted",
    refuted: "supported",
    unresolved: "unresolved",
  };
  fc.assert(
    fc.property(rows, (all) => {
      const swapped = all.map((row) => ({ ...row, verdict: swap[row.verdict] }));
      const [plain, mirrored] = [aggregateStakeWeighted(all), aggregateStakeWeighted(swapped)];
      assert.equal(mirrored.verdict, swap[plain.verdict]);
      assert.equal(mirrored.confidence, plain.confidence);
    }),
  );
});

test("splitting one validator's stake over several changes nothing", () => {
  fc.assert(
    fc.property(rows, (all) => {
      const halves = all.flatMap((row) => [
        { ...row, validatorId: `${row.validatorId}a`, stake: row.stake / 2n },
        { ...row, validatorId: `${row.validatorId}b`, stake: row.stake - row.stake / 2n },
      ]);
      assert.deepEqual(aggregateStakeWeighted(halves), aggregateStakeWeighted(all));
    }),
  );
});
