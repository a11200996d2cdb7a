/** Bytes of a hex text with blanks, as facts write them. */
export const bytes = (text: string): Buffer => Buffer.from(text.replace(/\s+/g, ''), 'hex');

export const hex = (buffer: Uint8Array): string =>
  [...buffer].map(byte => byte.toString(16).padStart(2, '0')).join(' ');
