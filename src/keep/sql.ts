// Pieces that the texts of several questions share: such as lists of parameters.

/** `($1, $2, …)`, a parameter for each of the values, from the number `first` on. */
export const listOf = (values: readonly unknown[], first = 1): string =>
  `(${values.map((_, index) => `$${first + index}`).join(', ')})`;
