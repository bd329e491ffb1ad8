// Medians, percentiles and ratios of rounds.

/** The value below which the given share of the sorted values lies; 0 for none. */
export function quantile(sorted: readonly number[], share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length / 2;
  return Number.isInteger(middle) ? ((sorted[middle - 1] ?? 0) + (sorted[middle] ?? 0)) / 2 : quantile(sorted, 0.5);
}

/** The median of `values[i] / to[i]`: each round is compared with its neighbour, because machines change their mood. */
export function medianRatio(values: readonly number[], to: readonly number[]): number {
  return median(values.map((value, index) => value / (to[index] ?? Number.NaN)));
}
