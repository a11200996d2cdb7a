import { readState } from '../../../../src/journal/journal.ts';

/** `read.ts ROOT NAME`: folds a journal and prints how far it came and how much memory that took. */
const [root = '', name = ''] = process.argv.slice(2);
const { state } = await readState(root, name);
const maxRssBytes = process.resourceUsage().maxRSS * 1024;
process.stdout.write(`${JSON.stringify({ lastSeq: state.lastSeq, maxRssBytes })}\n`);
