// The wall clock. Everything that needs the time is given a clock, so tests can move it.

/** Milliseconds since 1970, UTC. */
export const systemClock = (): number => Date.now();
