// Which topics may be shown: a sender writes them as words, and what stands there else may be somebody's data.

const TOPIC = /^\p{L}[\p{L}\p{N}_ ./:*-]{0,99}$/u;

/** The topic where it is words such as `orders/paid`; undefined for anything else, which logs and reasons do not repeat. */
export const shownTopic = (topic: string | undefined): string | undefined =>
  topic !== undefined && TOPIC.test(topic) ? topic : undefined;
