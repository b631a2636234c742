/** Handles every message once, however often it is delivered: that it was seen commits with what it did. */
import type { ConsumeOptions } from "./consume.ts";
import type { Messaging } from "./connect.ts";
import type { Delivered } from "./delivered.ts";
import type { IdempotenceStore } from "./ports.ts";

export type ConsumeIdempotentOptions<Client> = ConsumeOptions & {
  readonly messaging: Messaging;
  readonly store: IdempotenceStore<Client>;
  /** Runs in the transaction that also records the message as seen. What it does outside of `client` may be done twice. */
  readonly handle: (message: Delivered, client: Client) => Promise<void>;
};

const LOCK_NAME_CHARACTERS = /[^\w.:/-]/g;
const LOCK_NAME_LENGTH_MAX = 180;

/** One transaction a message, one after the other; acknowledged after the commit. */
export async function consumeIdempotent<Client>(options: ConsumeIdempotentOptions<Client>): Promise<void> {
  const { messaging, store, handle, ...consumption } = options;
  const consumer = `${options.stream}/${options.durable}`;
  await messaging.consume(consumption, async (messages) => {
    for (const message of messages) {
      await handleOnce({ store, handle, consumer }, message);
      message.ack();
    }
  });
}

/** The cursor lends its transaction and its lock, one per message, and stays where it is. */
async function handleOnce<Client>(
  {
    store,
    handle,
    consumer,
  }: Pick<ConsumeIdempotentOptions<Client>, "store" | "handle"> & { readonly consumer: string },
  message: Delivered,
): Promise<void> {
  await store.withCursor(toLockName(consumer, message.id), async (client, cursor) => {
    if (await store.once(client, consumer, message.id)) await handle(message, client);
    return cursor;
  });
}

/** Two names that are cut to the same only wait for one another. */
function toLockName(consumer: string, messageId: string): string {
  return `once/${consumer}/${messageId}`.replaceAll(LOCK_NAME_CHARACTERS, "_").slice(0, LOCK_NAME_LENGTH_MAX);
}
