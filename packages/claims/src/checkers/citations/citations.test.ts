import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { Flag } from "../../index.ts";
import { examine, reportIn, type Case } from "../examine.fixture.ts";
import { listIdentifiers } from "./identifiers.ts";

const cases: readonly Case[] = [
  ["supported", "ISBN 0-306-40615-2 is valid."],
  ["refuted", "ISBN 0-306-40615-3 is valid."],
  ["supported", "ISBN 978-0-306-40615-7 is a valid ISBN."],
  ["refuted", "The ISBN 978-0-306-40615-8 is valid."],
  ["refuted", "ISBN 978-0-306-4061-7 is valid."],
  ["supported", "ISSN 0378-5955 is valid."],
  ["refuted", "ISSN 0378-5954 is valid."],
  ["supported", "ORCID 0000-0002-1825-0097 is valid."],
  ["refuted", "ORCID 0000-0002-1825-0098 is valid."],
  ["refuted", "arXiv:2113.00001 is a valid arXiv identifier."],
  ["supported", "https://www.w3.org/TR/ is a valid URL."],
  ["refuted", "https://256.1.1.1/a is a valid URL."],
  ["refuted", "http://a.org:99999/ is a valid URL."],
  // existence needs a register, and a printed slip does not refute the sentence around it
  ["unresolved", "arXiv:2103.00001 is a valid arXiv identifier."],
  ["unresolved", "http://localhost:3000/ is a valid URL."],
  ["unresolved", "doi:10.1000/182 is a valid DOI."],
  ["unresolved", "The book (ISBN 0-306-40615-3) appeared in 1978."],
  ["unresolved", "ISBN 0-306-40615-3 is not valid."],
  ["unresolved", "ISBN 0-306-40615-2 is a valid reason to buy the book."],
];
for (const [verdict, text] of cases) test(`${verdict}: ${text}`, () => assert.equal(examine(text), verdict));

const REFERENCES = "\n\n## References\n\n1. A. Holt, Bridges, 1932.\n2. B. Milton, Tunnels, 1940.\n";
const flags: ReadonlyArray<readonly [flag: Flag | undefined, text: string, after: string, before?: string]> =
  [
    ["reference-malformed", "See ISBN 0-306-40615-3 for more.", ""],
    ["reference-malformed", "It is described in doi:11.1000/182.", ""],
    ["reference-malformed", "It is described in arXiv:1400.0001.", ""],
    ["reference-malformed", "It is described at https://example.com/paper.", ""],
    [undefined, "It is described in doi:10.1000/182.", ""],
    [undefined, "It is described at https://www.w3.org/TR/.", ""],
    ["reference-missing", "The bridge is old [3].", REFERENCES],
    ["reference-missing", "The bridge is old.", ` [1-3] And more.${REFERENCES}`],
    [undefined, "The bridge is old [1, 2].", REFERENCES],
    [undefined, "The bridge is old [3].", ""],
    ["reference-missing", "The bridge is old[^b].", "\n\n[^a]: A. Holt, Bridges.\n"],
    ["reference-unused", "B. Milton, Tunnels, 1940.", "\n", `Old [1].${REFERENCES.slice(0, -26)}`],
    [undefined, "A. Holt, Bridges, 1932.", "\n", "Old [1].\n\n## References\n\n1. "],
  ];
for (const [flag, text, after, before = ""] of flags)
  test(`${flag ?? "no flag"}: ${text}${JSON.stringify(after)}`, () => {
    const report = reportIn(text, { after, before });
    assert.equal(report.notes.find(({ checker }) => checker === "citations")?.flag, flag);
    assert.equal(report.verdict, "unresolved");
  });

test("one digit changed, or two neighbours swapped, is always found", () => {
  const digits = fc.array(fc.integer({ min: 0, max: 9 }), { minLength: 9, maxLength: 9 });
  fc.assert(
    fc.property(digits, fc.nat(9), fc.integer({ min: 1, max: 9 }), (body, at, off) => {
      const sum = body.reduce((total, digit, place) => total + digit * (10 - place), 0);
      const check = (11 - (sum % 11)) % 11;
      const printed = `${body.join("")}${check === 10 ? "X" : check}`;
      const isWrong = (isbn: string): boolean => listIdentifiers(`ISBN ${isbn}`)[0]?.problem !== undefined;
      assert.equal(isWrong(printed), false);
      const place = Math.min(at, 8);
      const changed = `${printed.slice(0, place)}${(Number(printed[place]) + off) % 10}${printed.slice(place + 1)}`;
      assert.equal(isWrong(changed), true);
      if (place < 8 && printed[place] !== printed[place + 1]) {
        const swapped = `${printed.slice(0, place)}${printed[place + 1] ?? ""}${printed[place] ?? ""}${printed.slice(place + 2)}`;
        assert.equal(isWrong(swapped), true);
      }
    }),
  );
});
