/** GetAccounts and StreamSnapshot. */
import type {
  Account,
  GetAccountsRequest,
  GetAccountsResponse,
  StreamSnapshotResponse,
} from "@mira/api/gen/mira/settlement/v1/settlement.ts";
import type { CallContext } from "@mira/chassis";
import { refuse, succeed, type Result } from "@mira/primitives";
import type { AccountRow } from "../codec/account-record.ts";
import type { AccountReader, ReadAccount } from "../memory/account-reader.ts";
import type { Ledger } from "../memory/ledger.ts";
import { endWait } from "./waiting.ts";

const KEYS_MAX = 4096;
const NO_KEY = new Uint8Array(32);
const NO_DATA = new Uint8Array(0);

export async function getAccounts(
  { ledger, reader }: { readonly ledger: Ledger; readonly reader: AccountReader },
  request: GetAccountsRequest,
  call: CallContext,
): Promise<Result<GetAccountsResponse>> {
  const { keys } = request;
  if (keys.length > KEYS_MAX || keys.some((key) => key.length !== 32))
    return refuse("REQUEST_INVALID", "keys are 32 bytes each, and not too many", {
      field: "keys",
      max: KEYS_MAX,
    });
  const atLeast = Number(request.atLeastBatch);
  if (atLeast > ledger.progress.counts.settledBatches) {
    const wait = ledger.progress.waitForBatches(atLeast, call.signal);
    if (!wait.ok) return wait;
    await endWait(wait.value, call);
  }
  const read = await reader.read(keys);
  const accounts = keys.map((key, index) => toAccount(key, read.accounts[index], request.withoutData));
  return succeed({ accounts, settledBatches: BigInt(read.settledBatches) });
}

function toAccount(key: Uint8Array, account: ReadAccount | undefined, withoutData: boolean): Account {
  const value = account?.value;
  return {
    key,
    exists: value !== undefined,
    lamports: value?.lamports ?? 0n,
    owner: value?.owner ?? NO_KEY,
    data: withoutData ? NO_DATA : (value?.data ?? NO_DATA),
    executable: value?.executable ?? false,
    rentEpoch: value?.rentEpoch ?? 0n,
    version: BigInt(account?.version ?? 0),
  };
}

export type Snapshot = AsyncIterable<{
  readonly finalizedBatches: number;
  readonly rows: readonly AccountRow[];
}>;

/** All rows as of one finalized batch; an empty network gives one message without accounts, so that the number is known. */
export async function* streamSnapshot(
  snapshot: Snapshot,
  call: CallContext,
): AsyncGenerator<StreamSnapshotResponse> {
  for await (const { finalizedBatches, rows } of snapshot) {
    call.signal.throwIfAborted();
    const accounts = rows.map(({ key, version, value }) => toAccount(key, { version, value }, false));
    yield { finalizedBatches: BigInt(finalizedBatches), accounts };
  }
}
