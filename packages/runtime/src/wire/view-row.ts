/** A row of one of several packed views: how settlement joins the partitions of a batch without unpacking them. */
export type ViewRow<View> = { readonly view: View; readonly index: number };

type Counted = { readonly count: number };

export function rowsOf<View extends Counted>(view: View): ViewRow<View>[] {
  return Array.from({ length: view.count }, (_, index) => ({ view, index }));
}
