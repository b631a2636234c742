/** Binary max-heap of transactions by longest remaining path: what is most urgent comes out first, ties in sequence order. */
export class ReadyHeap {
  #items = new Uint32Array(64);
  #size = 0;

  get size(): number {
    return this.#size;
  }

  clear(): void {
    this.#size = 0;
  }

  /** The most urgent transaction, or -1. */
  peek(): number {
    return this.#size === 0 ? -1 : (this.#items[0] ?? 0);
  }

  push(item: number, urgency: Float64Array): void {
    if (this.#size === this.#items.length) this.#grow();
    const items = this.#items;
    let at = this.#size++;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      const above = items[parent] ?? 0;
      if (!isBefore(item, above, urgency)) break;
      items[at] = above;
      at = parent;
    }
    items[at] = item;
  }

  /** Takes out the most urgent transaction; the heap MUST NOT be empty. */
  pop(urgency: Float64Array): number {
    const items = this.#items;
    const top = items[0] ?? 0;
    const size = --this.#size;
    const moved = items[size] ?? 0;
    let at = 0;
    for (let child = 1; child < size; child = at * 2 + 1) {
      let below = items[child] ?? 0;
      const right = child + 1;
      if (right < size && isBefore(items[right] ?? 0, below, urgency)) {
        below = items[right] ?? 0;
        child = right;
      }
      if (!isBefore(below, moved, urgency)) break;
      items[at] = below;
      at = child;
    }
    items[at] = moved;
    return top;
  }

  #grow(): void {
    const items = new Uint32Array(this.#items.length * 2);
    items.set(this.#items);
    this.#items = items;
  }
}

function isBefore(left: number, right: number, urgency: Float64Array): boolean {
  const leftUs = urgency[left] ?? 0;
  const rightUs = urgency[right] ?? 0;
  return leftUs > rightUs || (leftUs === rightUs && left < right);
}
