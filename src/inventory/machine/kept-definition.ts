import { createRedactor } from '../../foundation/redact.ts';

/**
 * The definition as the journal may keep it. Where a text or a value in it looks like a password (a description may hold
 * one), all of it is withheld here: the journal would replace it without regard to tags and quotes, and what is left
 * would be no XML, of which no standby can be made.
 */
export function keptDefinition(xml: string): string {
  const redactor = createRedactor();
  // What follows in the document must not be taken for the value of a text that ends in "password:".
  const isSecret = (text: string): boolean => redactor.text(`${text} x`) !== `${text} x`;
  return xml
    .replace(/<!--[\s\S]*?-->/g, '')
    .replace(/>([^<>]+)</g, (whole, text: string) => (isSecret(text) ? `>${WITHHELD}<` : whole))
    .replace(/=(['"])([^<>]*?)\1/g, (whole, quote: string, value: string) =>
      isSecret(value) ? `=${quote}${WITHHELD}${quote}` : whole,
    );
}

const WITHHELD = 'withheld';
