/** A model that answers by script: what it was asked is kept, what it answers is up to the test. */
import { succeed } from "@mira/primitives";
import type { ChatModel, ChatModelRequest } from "../../index.ts";

export type AskedData = {
  readonly before: readonly string[];
  readonly sentences: ReadonlyArray<{ readonly id: number; readonly text: string }>;
};
export type ScriptedClaim = { readonly text: string; readonly quotes: readonly string[] };

export function createScriptedModel(answer: (asked: AskedData, request: ChatModelRequest) => unknown): {
  model: ChatModel;
  requests: ChatModelRequest[];
} {
  const requests: ChatModelRequest[] = [];
  const model: ChatModel = {
    complete(request) {
      requests.push(request);
      const answered = answer(readAsked(request), request);
      const text = typeof answered === "string" ? answered : JSON.stringify(answered);
      return Promise.resolve(succeed({ text, usage: undefined }));
    },
  };
  return { model, requests };
}

/** Reads the data as a model would: between the marks. */
export function readAsked({ user }: ChatModelRequest): AskedData {
  return JSON.parse(user.split("\n").slice(1, -1).join("\n")) as AskedData;
}

/** Answers every sentence with the given claims; `undefined` leaves it out. */
export function answerWith(
  asked: AskedData,
  claimsOf: (text: string) => readonly ScriptedClaim[] | undefined,
): unknown {
  const sentences = asked.sentences.flatMap(({ id, text }) => {
    const claims = claimsOf(text);
    return claims === undefined ? [] : [{ id, kind: "claim", reason: "states", join: "all", claims }];
  });
  return { sentences };
}
