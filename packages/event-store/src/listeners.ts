/** In-process wake-up: says that something was appended here, so that a relay or projection need not wait for its next poll. */
export type AppendListener = () => void;

export type Listeners = {
  readonly add: (listener: AppendListener) => () => void;
  readonly notify: () => void;
};

/** A listener runs after the commit, on its own: what it throws cannot make a committed append look failed. */
export function createListeners(): Listeners {
  const listeners = new Set<AppendListener>();
  return {
    add(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    notify() {
      for (const listener of listeners) queueMicrotask(listener);
    },
  };
}
