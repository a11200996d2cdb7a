import type { Section } from './types.ts';

/** What each part of the list is called, on paper, on the screen and in a terminal. */
export const SECTION_TITLES: Readonly<Record<Section, string>> = {
  activate: 'Activation',
  quiet: 'The sources fall quiet',
  'last-copy': 'The last copy',
  drain: 'Databases are drained',
  'power-off': 'The sources are powered off',
  'bring-up': 'The standbys come up',
  checks: 'The standbys are checked',
  open: 'Databases open',
  switch: 'Users are led over',
  commit: 'The copies become the machines',
  after: 'Afterwards',
};
