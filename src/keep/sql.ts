// Pieces that the texts of several questions share: lists of parameters and pages by id.

/** `($1, $2, …)`, a parameter for each of the values, from the number `first` on. */
export const listOf = (values: readonly unknown[], first = 1): string =>
  `(${values.map((_, index) => `$${first + index}`).join(', ')})`;

/** Above every id. */
export const END = 'g';
/** Where a page begins whose rows have ids below `before`: at the newest row where it is empty. */
export const pageBelow = (before: string): string => (before === '' ? END : before);
