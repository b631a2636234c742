/** What every decoder of a packed format throws on bytes that are not exactly that format. */
export class WireError extends Error {
  readonly needed: string;
  readonly found: string;

  constructor(where: string, needed: string, found: string) {
    super(`${where}: needed ${needed}, got ${found}`);
    this.name = "WireError";
    this.needed = needed;
    this.found = found;
  }
}
