// Which topics may be shown: a sender writes them as one word, and what stands there else may be somebody's data.

const TOPIC = /^[a-z][\w./:*-]{0,99}$/i;

/** The topic where it is a word such as `orders/paid`; undefined for anything else, which logs and reasons do not repeat. */
export const shownTopic = (topic: string | undefined): string | undefined =>
  topic !== undefined && TOPIC.test(topic) ? topic : undefined;
