// Work that depends on a destination's settings alone, such as its address with a signature: done once, not per event.

/** A function that remembers its answer for as long as the settings object lives. */
export function perSettings<S extends object, T>(make: (settings: S) => T): (settings: S) => T {
  const made = new WeakMap<S, { answer: T }>();
  return (settings) => {
    const known = made.get(settings);
    if (known !== undefined) return known.answer;
    const answer = make(settings);
    made.set(settings, { answer });
    return answer;
  };
}
