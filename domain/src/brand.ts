declare const brand: unique symbol;

/** A primitive that only its own constructor can make, so that ids of different nouns never mix. */
export type Brand<Base, Name extends string> = Base & { readonly [brand]: Name };
