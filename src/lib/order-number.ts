// The number people know an order by.

/** As it is kept and looked for: without the # that shops write before it. */
export const bareNumber = (number: string): string => number.replace(/^#+/, '');
