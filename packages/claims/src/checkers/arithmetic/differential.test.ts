/** Arithmetic against mathjs, which never sees anything but expressions made here. */
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { all, create, type Fraction } from "mathjs";
import { formatRational, operate, tryRational, type Operator } from "../../text/rational.ts";
import { examine } from "../examine.fixture.ts";
import { evaluateFormal } from "./evaluate.ts";

assert.ok(all);
const math = create(all, { number: "Fraction" });

function evaluate(source: string): Fraction {
  return math.evaluate(source) as Fraction;
}

const number = fc.oneof(
  fc.nat(999).map(String),
  fc.tuple(fc.nat(99), fc.integer({ min: 1, max: 99 })).map(([whole, part]) => `${whole}.${part}`),
);
const { expression } = fc.letrec<{ expression: string }>((tie) => ({
  expression: fc.oneof(
    { depthSize: "small" },
    number,
    fc
      .tuple(tie("expression"), fc.constantFrom("+", "-", "*", "/"), tie("expression"))
      .map(([left, sign, right]) => `(${left}${sign}${right})`),
  ),
}));

function isFinite(value: Fraction): boolean {
  return value.d !== 0n;
}

test("the second evaluator of witnesses computes what mathjs computes", () => {
  fc.assert(
    fc.property(expression, (source) => {
      let expected: Fraction | undefined;
      try {
        expected = evaluate(source);
      } catch {
        // A division by zero: no value for us either.
        assert.equal(evaluateFormal(source), undefined, source);
        return;
      }
      const found = evaluateFormal(source);
      assert.ok(found !== undefined && isFinite(expected), source);
      assert.equal(found[0] * expected.d, expected.s * expected.n * found[1], source);
    }),
    { numRuns: 300 },
  );
});

test("each operation on exact numbers is that of mathjs", () => {
  const part = fc.bigInt({ min: -9999n, max: 9999n });
  const below = fc.bigInt({ min: 1n, max: 999n });
  fc.assert(
    fc.property(
      part,
      below,
      part,
      below,
      fc.constantFrom<Operator>("+", "-", "*", "/"),
      (a, b, c, d, operator) => {
        const [left, right] = [tryRational(a, b), tryRational(c, d)];
        assert.ok(left !== undefined && right !== undefined);
        if (operator === "/" && c === 0n) {
          assert.equal(operate(left, operator, right), undefined);
          return;
        }
        const expected = evaluate(`(${a}/${b})${operator}(${c}/${d})`);
        assert.deepEqual(operate(left, operator, right), { n: expected.s * expected.n, d: expected.d });
      },
    ),
  );
});

test("a printed chain of sums and products is proved with mathjs's result, refuted with another", () => {
  const chain = fc.array(fc.tuple(fc.constantFrom(" + ", " × ", " − "), fc.integer({ min: 1, max: 99 })), {
    minLength: 2,
    maxLength: 5,
  });
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 99 }),
      chain,
      fc.integer({ min: 1, max: 9 }),
      (first, rest, off) => {
        const text = rest.reduce((left, [sign, value]) => `${left}${sign}${value}`, String(first));
        const expected = evaluate(text.replaceAll("×", "*").replaceAll("−", "-"));
        const result = expected.s * expected.n;
        const print = (value: bigint): string => (value < 0n ? `−${-value}` : String(value));
        assert.equal(
          examine(`${text} = ${print(result)}`),
          "supported",
          formatRational({ n: result, d: 1n }),
        );
        assert.equal(examine(`${text} = ${print(result + BigInt(off))}`), "refuted");
      },
    ),
  );
});

test("numbers made to exhaust a machine are given up, and quickly", () => {
  const before = process.cpuUsage().user;
  for (const text of [
    "10^10^10 = 1",
    "9^9^9^9 = 9",
    "2^64^64 = 4",
    "1000^64 × 1000^64 × 1000^64 × 1000^64 = 1",
    "1 / 0 = 1",
  ])
    assert.equal(examine(text), "unresolved", text);
  for (const source of ["10^10^10", "9^64^64", "(((9^64)^64)^64)^64"]) evaluateFormal(source);
  assert.ok(process.cpuUsage().user - before < 1_000_000);
});
