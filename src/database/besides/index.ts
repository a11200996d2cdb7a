export { type Applied, applyWanted, besidesStatements } from './apply.ts';
export { type Comparison, compareBesides } from './compare.ts';
export { optionText } from './compare-database.ts';
export type { Besides, DatabaseFacts, SequenceFacts, ServerFacts } from './facts.ts';
export {
  bound,
  bytes,
  call,
  compose,
  name,
  number,
  type Phrase,
  template,
  text,
  whole,
  words,
} from './phrase.ts';
export { readDatabase, readSequences } from './read-database.ts';
export { besidesScript } from './script.ts';
export { BESIDES_SCRIPT, BESIDES_SHOWN, besidesStage } from './stage.ts';
export { type Survey, surveyBesides } from './survey.ts';
