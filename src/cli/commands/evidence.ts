import { EXIT } from '../../foundation/exit-codes.ts';
import { ARGUMENTS, COMMON, defineCommand } from '../command.ts';

export const evidence = defineCommand({
  name: 'evidence',
  summary: 'one archive that proves what was done: plan, journal, logs, proofs, decisions, checksums',
  description:
    'Packs plan, journal with the head of its hash chain, pass logs, boot proofs with their consoles, validations, ' +
    'approvals, waivers, the record of the cutover and the reports of this minute into one .tar.gz with a SHA-256 of ' +
    'each file. Takes no lock and contacts no host: an evacuation may run meanwhile. What landfall knows as a password ' +
    'is taken out, scripts with hashes of passwords stay here, and what was left out is listed.\n' +
    '\n' +
    'Write the SHA-256 that it prints down at another place (the ticket, a mail): with it, nobody can replace the pack ' +
    'unnoticed. "landfall verify-evidence" checks a pack without anything else.',
  arguments: [ARGUMENTS.evacuation],
  options: [
    {
      name: 'output',
      short: 'o',
      value: 'FILE',
      description: 'The archive; by default EVACUATION-evidence-TIME.tar.gz here.',
      completes: 'file',
    },
    {
      name: 'dry-run',
      short: 'n',
      description: 'Make the pack in memory, list what would be in it, and write no archive.',
    },
    COMMON.json,
    COMMON.state,
  ],
  examples: [
    { command: 'landfall evidence miami-to-dallas', does: 'a pack in the current folder' },
    {
      command: 'landfall evidence miami-to-dallas -o /mnt/audit/storm.tar.gz',
      does: 'at a place of your own',
    },
  ],
  input: words => ({
    evacuation: words.text('evacuation'),
    output: words.text('output'),
    dryRun: words.flag('dry-run'),
    json: words.flag('json'),
    state: words.text('state'),
  }),
  async run(io, input) {
    const { packEvidence } = await import('../evidence.ts');
    await packEvidence(io, input);
    return EXIT.ok;
  },
});
