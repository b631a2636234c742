/** Units that have several sizes under one name. A verdict needs all of them to agree. */
import type { UnitEntry } from "./unit-names.ts";

/** names | kind | base unit as js-quantities calls it | over/under of each size in base units. */
const TABLE = `
ton,tons|mass|kg|90718474/100000 10160469088/10000000 1000/1
gallon,gallons,gal|volume|l|3785411784/1000000000 454609/100000
quart,quarts|volume|l|946352946/1000000000 11365225/10000000
pint,pints|volume|l|473176473/1000000000 56826125/100000000
cup,cups|volume|l|2365882365/10000000000 24/100 25/100 284130625/1000000000 2/10
fluid ounce,fluid ounces,fl oz|volume|l|295735295625/10000000000000 284130625/10000000000 3/100
ounce,ounces,oz|mass|kg|28349523125/1000000000000 311034768/10000000000
ounce,ounces,oz|volume|l|295735295625/10000000000000 284130625/10000000000 3/100
tablespoon,tablespoons|volume|l|1478676478125/100000000000000 15/1000 2/100 177581640625/10000000000000
teaspoon,teaspoons|volume|l|492892159375/100000000000000 5/1000 591938802083/100000000000000
horsepower,hp|power|W|74569987158227022/100000000000000 73549875/100000 746/1
calorie,calories,cal|energy|J|4184/1000 41868/10000 4184/1 41868/10
barrel,barrels|volume|l|158987294928/1000000000 119240471196/1000000000 16365924/100000 117347765304/1000000000
month,months|time|day|28/1 29/1 30/1 31/1 30436875/1000000
year,years|time|day|365/1 366/1 36525/100 3652425/10000`;

type Fraction = readonly [over: bigint, under: bigint];
export type Size = { readonly kind: string; readonly quantity: string; readonly multiple: Fraction };

export const SIZES: ReadonlyMap<string, readonly Size[]> = readTable();

function readTable(): ReadonlyMap<string, readonly Size[]> {
  const sizes = new Map<string, Size[]>();
  for (const line of TABLE.trim().split("\n")) {
    const [names = "", kind = "", quantity = "", multiples = ""] = line.split("|");
    for (const name of names.split(","))
      for (const multiple of multiples.split(" ")) {
        const [over = 1n, under = 1n] = multiple.split("/").map(BigInt);
        sizes.set(name, [...(sizes.get(name) ?? []), { kind, quantity, multiple: [over, under] }]);
      }
  }
  return sizes;
}

/** The sizes of an ambiguous name as units of their own, each a multiple of a base unit. */
export function listSizes(name: string, bases: Iterable<UnitEntry | "ambiguous">): UnitEntry[] {
  const known = [...bases].filter((unit) => unit !== "ambiguous");
  return (SIZES.get(name) ?? []).flatMap(({ quantity, multiple }) => {
    const base = known.find((unit) => unit.quantity === quantity);
    if (base === undefined) return [];
    return [
      { ...base, multiple, factor: [base.factor[0] * multiple[0], base.factor[1] * multiple[1]] as const },
    ];
  });
}
