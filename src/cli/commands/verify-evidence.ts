import { LandfallError } from '../../foundation/errors.ts';
import { COMMON, defineCommand } from '../command.ts';

export const verifyEvidenceCommand = defineCommand({
  name: 'verify-evidence',
  summary: 'check a pack of evidence: every byte, the hash chain, plan and logs',
  description:
    'Reads the archive in memory and unpacks nothing. Checks the sum of each file against the manifest, that none is ' +
    'missing and none was added, every line of the journal and its hash chain, that the plan is the accepted one, that ' +
    'each log of a pass or proof that the journal names is there, and says what landfall made of it all when the pack ' +
    'was made. Whatever is wrong is named with its file.\n' +
    '\n' +
    'Exit code 0: nothing is wrong. Exit code 1: something is.',
  arguments: [{ name: 'file', description: 'The archive.', required: true, completes: 'file' }],
  options: [
    {
      name: 'sha256',
      value: 'HEX',
      description: 'The sum that was printed when the pack was made: it has to be this archive.',
      completes: 'nothing',
    },
    COMMON.json,
  ],
  examples: [
    { command: 'landfall verify-evidence storm.tar.gz', does: 'is it whole and consistent?' },
    { command: 'landfall verify-evidence storm.tar.gz --json | jq .ok', does: 'for programs' },
  ],
  input: words => ({
    file: words.text('file') ?? '',
    sha256: words.text('sha256'),
    json: words.flag('json'),
  }),
  async run(io, input) {
    if (input.sha256 !== undefined && !/^[0-9a-fA-F]{64}$/.test(input.sha256))
      throw new LandfallError('usage', {
        what: '--sha256 takes the 64 hex digits that landfall evidence printed',
        next: ['landfall verify-evidence FILE --sha256 HEX'],
      });
    const { verifyPack } = await import('../evidence.ts');
    return verifyPack(io, input);
  },
});
