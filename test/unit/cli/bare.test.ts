import { describe, expect, test } from 'vitest';
import { bareOptions } from '../../../src/cli/bare.ts';
import { landfall } from '../../support/cli.ts';

describe('landfall alone', () => {
  test.each([
    [[], {}],
    [['--ssh-config', 'F'], { sshConfig: 'F' }],
    [['--ssh-config=a=b', '--no-color'], { sshConfig: 'a=b' }],
    [['--screen-reader', '--state', '/var/lib/x'], { state: '/var/lib/x' }],
  ])('takes what the screens are shown with: %j', (argv, options) => {
    expect(bareOptions(argv)).toEqual(options);
  });

  test.each([
    [['list']],
    [['--ssh-config']],
    [['--ssh-config', '--no-color']],
    [['--ssh-config', 'F', 'doctor']],
    [['--help']],
    [['--constructor=x']],
  ])('is not meant by %j', argv => {
    expect(bareOptions(argv)).toBeUndefined();
  });

  test('shows its commands where there is no terminal, also with --ssh-config', async () => {
    const { code, out } = await landfall(['--ssh-config', 'F']);
    expect(code).toBe(0);
    expect(out).toContain('Commands, in the order in which you need them');
  });

  test('says that a file is missing behind --ssh-config', async () => {
    const { code, err } = await landfall(['--ssh-config']);
    expect(code).toBe(2);
    expect(err).toContain('--ssh-config');
  });
});
