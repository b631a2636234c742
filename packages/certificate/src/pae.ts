/** DSSE v1's pre-authentication encoding: the bytes that every signature of an envelope is over. */
import { concatBytes, encodeUtf8 } from "@mira/primitives";

/**
 * `DSSEv1 SP len(type) SP type SP len(payload) SP payload`. No other message that a key of this network signs begins like this:
 * canonical messages begin with the length of their domain tag, notes with a line that is the log's name (and has no space).
 */
export function encodePae(payloadType: string, payload: Uint8Array): Uint8Array {
  const type = encodeUtf8(payloadType);
  return concatBytes(encodeUtf8(`DSSEv1 ${type.length} ${payloadType} ${payload.length} `), payload);
}
