/** Answers of one model as claims: true when its answer is; each other model's vote says whether it agrees with it. */
import { createLabelTable, findProbes, type Label, type LabelTable } from "@mira/inference";

type Options = {
  readonly labels: readonly Label[];
  readonly truth: ReadonlyMap<string, string>;
  readonly generator: string;
};

export const CLAIM_TRUE = 1;

export function createClaimSet({ labels, truth, generator }: Options): {
  readonly table: LabelTable;
  readonly truth: Int32Array;
} {
  const answers = new Map<string, string>();
  for (const { item, validator, label } of labels)
    if (validator === generator && label !== null && label !== undefined) answers.set(item, label);
  const votes = labels.flatMap(({ item, validator, label }) => {
    const answer = answers.get(item);
    if (validator === generator || answer === undefined || label === null) return [];
    return [{ item, validator, label: String(label === answer) }];
  });
  const table = createLabelTable(votes, { items: [...answers.keys()], classes: ["false", "true"] });
  const known = [...answers].filter(([item]) => truth.has(item));
  return {
    table,
    truth: findProbes(
      table,
      new Map(known.map(([item, answer]) => [item, String(truth.get(item) === answer)])),
    ),
  };
}
