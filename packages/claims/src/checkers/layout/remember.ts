/** Keeps what was read of the response asked for last: every claim of a response asks for the same. */
export function rememberLast<T>(read: (response: string) => T): (response: string) => T {
  let last: { readonly response: string; readonly value: T } | undefined;
  return (response) => {
    if (last?.response !== response) last = { response, value: read(response) };
    return last.value;
  };
}
