/** What must hold of the input, or the caller is wrong. */
export function invariant(holds: boolean, describe: () => string): asserts holds {
  if (!holds) throw new Error(`invariant: ${describe()}`);
}

/** Marks a branch the types say cannot be reached. */
export function unreachable(value: never): never {
  throw new Error(`unreachable: ${String(value)}`);
}
