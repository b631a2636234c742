/** A value of type T that only its parser can make: an amount is never passed where an instant is meant. */
declare const brand: unique symbol;
export type Brand<T, Name extends string> = T & { readonly [brand]: Name };
