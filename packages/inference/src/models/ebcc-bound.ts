/** The lower bound of the evidence that EBCC raises: what tells its solutions, and its rivals, apart. */
import { sum } from "../numeric/rows.ts";
import { logGamma } from "../numeric/special-functions.ts";
import { CLASS_PRIOR, type EbccState, GROUP_PRIOR } from "./ebcc-state.ts";

/** The evidence lower bound, just after the items' update: items' log normalisers less the parameters' divergence from their priors. */
export function computeBound(state: EbccState): number {
  const { confusion, logConfusion, cells, width, groups, rightPrior, wrongPrior } = state;
  let bound = state.itemBound;
  const priorTotal = rightPrior + (width - 1) * wrongPrior;
  const priorNorm = logGamma(priorTotal) - logGamma(rightPrior) - (width - 1) * logGamma(wrongPrior);
  for (let block = 0; block < confusion.length; block += width * cells)
    for (let cell = 0; cell < cells; cell++) {
      let [total, divergence] = [0, 0];
      for (let label = 0; label < width; label++) {
        const at = block + label * cells + cell;
        const count = confusion[at] ?? 0;
        const prior = Math.floor(cell / groups) === label ? rightPrior : wrongPrior;
        total += count;
        divergence += (count - prior) * (logConfusion[at] ?? 0) - logGamma(count);
      }
      bound -= divergence + logGamma(total) - priorNorm;
    }
  return bound - computeCellDivergence(state);
}

function computeCellDivergence({ cellCount, cellLog, groups, width }: EbccState): number {
  const classCount = new Float64Array(width);
  for (let cell = 0; cell < cellCount.length; cell++) {
    const label = Math.floor(cell / groups);
    classCount[label] = (classCount[label] ?? 0) + (cellCount[cell] ?? 0);
  }
  let divergence = logGamma(sum(classCount) + width * CLASS_PRIOR) - logGamma(width * CLASS_PRIOR);
  classCount.forEach((count, label) => {
    divergence += logGamma(CLASS_PRIOR) - logGamma(CLASS_PRIOR + count);
    divergence += logGamma(GROUP_PRIOR + count) - logGamma(GROUP_PRIOR);
    for (let cell = label * groups; cell < (label + 1) * groups; cell++)
      divergence += logGamma(GROUP_PRIOR / groups) - logGamma(GROUP_PRIOR / groups + (cellCount[cell] ?? 0));
  });
  for (let cell = 0; cell < cellCount.length; cell++)
    divergence += (cellCount[cell] ?? 0) * (cellLog[cell] ?? 0);
  return divergence;
}
