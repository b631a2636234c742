/** Names of units in running text -> js-quantities units, and the names that mean more than one. */

/** Exact factor to the base unit of its kind; temperatures have an offset as well: base = (value + offset) * factor. */
export type UnitEntry = {
  readonly quantity: string;
  readonly kind: string;
  readonly factor: readonly [over: bigint, under: bigint];
  readonly offset?: readonly [over: bigint, under: bigint];
  /** Of one size among several: how many of `quantity` it is; see readings.ts. */
  readonly multiple?: readonly [over: bigint, under: bigint];
};

/** kind | js-quantities name | over/under to the base unit | names, longest phrases first where they share a beginning. */
const TABLE = `
length|m|1/1|m,metre,metres,meter,meters
length|km|1000/1|km,kilometre,kilometres,kilometer,kilometers
length|cm|1/100|cm,centimetre,centimetres,centimeter,centimeters
length|mm|1/1000|mm,millimetre,millimetres,millimeter,millimeters
length|ft|3048/10000|ft,foot,feet
length|in|254/10000|inch,inches,in
length|yd|9144/10000|yd,yard,yards
length|mi|1609344/1000|mi,mile,miles
length|nmi|1852/1|nmi,nautical mile,nautical miles
area|m^2|1/1|m²,m2,square metre,square metres,square meter,square meters,sq m
area|km^2|1000000/1|km²,km2,square kilometre,square kilometres,square kilometer,square kilometers,sq km
area|ft^2|9290304/100000000|ft²,ft2,square foot,square feet,sq ft
area|mi^2|2589988110336/1000000|mi²,mi2,square mile,square miles,sq mi
area|hectare|10000/1|ha,hectare,hectares
area|acre|40468564224/10000000|acre,acres
mass|g|1/1000|g,gram,grams,gramme,grammes
mass|kg|1/1|kg,kilogram,kilograms,kilogramme,kilogrammes,kilo,kilos
mass|mg|1/1000000|mg,milligram,milligrams
mass|lb|45359237/100000000|lb,lbs,pound,pounds
mass|tonne|1000/1|tonne,tonnes,metric ton,metric tons
volume|l|1/1|l,litre,litres,liter,liters
volume|ml|1/1000|ml,millilitre,millilitres,milliliter,milliliters
volume|m^3|1000/1|m³,m3,cubic metre,cubic metres,cubic meter,cubic meters
speed|m/s|1/1|m/s,metres per second,meters per second
speed|km/h|1000/3600|km/h,kph,kmh,kilometres per hour,kilometers per hour
speed|mph|1609344/3600000|mph,miles per hour
speed|knot|1852/3600|knot,knots,kn
time|s|1/1|s,second,seconds,sec
time|min|60/1|min,minute,minutes
time|h|3600/1|h,hour,hours,hr,hrs
time|day|86400/1|day,days
time|week|604800/1|week,weeks
temperature|tempC|1/1|°c,degrees celsius,degree celsius,celsius,degrees c
temperature|tempF|5/9|°f,degrees fahrenheit,degree fahrenheit,fahrenheit,degrees f
temperature|tempK|1/1|k,kelvin,kelvins
power|W|1/1|w,watt,watts
power|kW|1000/1|kw,kilowatt,kilowatts
power|MW|1000000/1|mw,megawatt,megawatts
energy|J|1/1|j,joule,joules
energy|kJ|1000/1|kj,kilojoule,kilojoules
energy|kWh|3600000/1|kwh,kilowatt-hour,kilowatt-hours,kilowatt hour,kilowatt hours
pressure|Pa|1/1|pa,pascal,pascals
pressure|kPa|1000/1|kpa,kilopascal,kilopascals
pressure|bar|100000/1|bar,bars
pressure|atm|101325/1|atm,atmosphere,atmospheres`;

const OFFSETS: Readonly<Record<string, readonly [bigint, bigint]>> = {
  tempF: [45967n, 100n],
  tempC: [27315n, 100n],
};

/** Short, long or metric ton; US or imperial gallon; weight, fluid or troy ounce; 1000 or 1024. See readings.ts. */
const AMBIGUOUS =
  "ton,tons,gallon,gallons,gal,pint,pints,quart,quarts,cup,cups,ounce,ounces,oz,fluid ounce,fluid ounces,fl oz,calorie,calories,cal,horsepower,hp,barrel,barrels,kb,mb,gb,tb,kilobyte,kilobytes,megabyte,megabytes,gigabyte,gigabytes,month,months,year,years,stone,teaspoon,teaspoons,tablespoon,tablespoons,degrees,degree,bushel,bushels,hundredweight,btu,point,points";

export type UnitName = UnitEntry | "ambiguous";

export const UNIT_NAMES: ReadonlyMap<string, UnitName> = readTable();

function readTable(): ReadonlyMap<string, UnitName> {
  const names = new Map<string, UnitName>(AMBIGUOUS.split(",").map((name) => [name, "ambiguous"]));
  for (const line of TABLE.trim().split("\n")) {
    const [kind = "", quantity = "", factor = "", aliases = ""] = line.split("|");
    const [over = 1n, under = 1n] = factor.split("/").map(BigInt);
    const offset = OFFSETS[quantity];
    const entry = {
      kind,
      quantity,
      factor: [over, under] as const,
      ...(offset === undefined ? {} : { offset }),
    };
    for (const alias of aliases.split(",")) names.set(alias, entry);
  }
  return names;
}
