/** The part of `sbd` that a test compares with; the package brings no types. */
declare module "sbd" {
  export function sentences(text: string, options?: { readonly newline_boundaries?: boolean }): string[];
}
