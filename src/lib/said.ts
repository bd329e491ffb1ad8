// What scripts and ads write in place of a value they do not have.

/** Words of scripts that found none, and the marks of an ad system that nobody filled in: `{gclid}`, `{{campaign.name}}`. */
const NOTHING = /^(?:undefined|null|\{[A-Za-z_.:]*\}|\{\{[A-Za-z_.:]*\}\})$/;

/** Is this a value, and not a sign that there is none? */
export const isSaid = (value: unknown): boolean =>
  value !== undefined && value !== '' && !(typeof value === 'string' && NOTHING.test(value));
