/** What is said to somebody who leaves. */
export const goesOn = (name: string): string =>
  `the evacuation goes on; see it again: landfall attach ${name}; end it: landfall stop ${name}`;
