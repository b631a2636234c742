/** Appending to a log: the subtree hashes that new leaves complete, and what may be signed as its head. */
import { LogTree, type HashStore } from "@mira/merkle";
import { bytesEqual, invariant, refuse, succeed, type Result } from "@mira/primitives";

export type TreeNode = { readonly level: number; readonly index: number; readonly hash: Uint8Array };

export type LogAppend = {
  readonly firstIndex: number;
  readonly leafHashes: readonly Uint8Array[];
  /** Every node to be stored, leaves included. */
  readonly nodes: readonly TreeNode[];
  readonly size: number;
};

/** `known`: hashes of the complete subtrees that make up the tree of `size` leaves. */
export function planAppend(
  known: HashStore["get"],
  size: number,
  leafHashes: readonly Uint8Array[],
): LogAppend {
  const nodes: TreeNode[] = [];
  const fresh = new Map<string, Uint8Array>();
  const tree = new LogTree(
    {
      get: (level, index) => fresh.get(`${level}/${index}`) ?? known(level, index),
      put: (level, index, hash) => {
        fresh.set(`${level}/${index}`, hash);
        nodes.push({ level, index, hash });
      },
    },
    size,
  );
  const firstIndex = tree.appendLeaves(leafHashes);
  return { firstIndex, leafHashes, nodes, size: tree.size };
}

export type LogHead = { readonly size: number; readonly root: Uint8Array };

/**
 * Whether a head may be signed beside what was signed before. A log that came back smaller, or different, after a restore is
 * never signed: two signed heads that cannot both be true would be worth more to a liar than to us.
 */
export function checkHead(head: LogHead, signed: LogHead | undefined): Result<undefined, "PROOF_INVALID"> {
  if (signed === undefined) return succeed(undefined);
  if (head.size < signed.size)
    return refuse("PROOF_INVALID", "the log is smaller than one signed before", {
      size: head.size,
      signed: signed.size,
    });
  if (head.size === signed.size && !bytesEqual(head.root, signed.root))
    return refuse("PROOF_INVALID", "the log has another root than one signed before at this size", {
      size: head.size,
    });
  return succeed(undefined);
}

/** Root over stored nodes; `nodes` holds those that listRootNodes names. */
export function computeStoredRoot(get: HashStore["get"], size: number): Uint8Array {
  const tree = new LogTree(
    {
      get,
      put: () => invariant(false, "a root is computed without writing"),
    },
    size,
  );
  return tree.root(size);
}
