// Times to come that were noted by a clock which may have been set back since.

/** The later of `until` and `now`; `now` alone where `until` is further ahead than anything is ever put off. */
export const notBefore = (until: number | undefined, now: number, most: number): number =>
  until === undefined || until <= now || until - now > most ? now : until;
