/** Whom the machine talks to and what it is configured to use: sockets over time, shares, upstreams, addresses in files. */
export const SURROUNDINGS_PART = '';
