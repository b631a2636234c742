/** A chat client as the model behind a decomposer: one constrained answer, under the same budget, deadline and limits. */
import type { ChatModel } from "@mira/claims";
import { refuse, succeed } from "@mira/primitives";
import type { ChatClient } from "./chat/chat-types.ts";

/** Decomposing is the same work each time: nothing is left to chance. */
const SEED = 1;

/** Rejects only when the request's signal aborts. An answer that was cut off is no answer. */
export function asChatModel(client: ChatClient): ChatModel {
  return {
    async complete({ system, user, schema, maxTokens, signal }) {
      const answered = await client.complete(
        {
          messages: [
            { role: "system", content: system },
            { role: "user", content: user },
          ],
          format: { kind: "json-schema", name: "answer", schema },
          temperature: 0,
          seed: SEED,
          outputTokensMax: maxTokens,
          topLogprobs: 0,
        },
        signal,
      );
      if (!answered.ok) return answered;
      const { content, finish, usage } = answered.value;
      if (finish === "length")
        return refuse("MODEL_ANSWER_INVALID", "the answer was cut off", { outputTokensMax: maxTokens });
      return succeed({ text: content, usage });
    },
  };
}
