import { describe, expect, it } from 'vitest';
import { castShape } from '../../../scripts/screens/cast.ts';
import { film, type Script } from '../../../scripts/screens/film.ts';

/** Shows its size and the keys it hears, and ends on q. */
const PROGRAM = `
process.stdin.setRawMode(true);
const show = text => process.stdout.write('\\r\\n' + text + ' ' + process.stdout.columns + 'x' + process.stdout.rows);
process.stdout.on('resize', () => show('resized'));
process.stdin.on('data', bytes => {
  show('heard ' + bytes);
  if (String(bytes) === 'q') process.stdin.destroy();
});
show('ready');
`;

const script: Script = {
  command: process.execPath,
  args: ['-e', PROGRAM],
  cwd: process.cwd(),
  env: {},
  columns: 40,
  rows: 8,
  title: 'A probe',
  shots: [
    {
      keys: [],
      until: 'ready 40x8',
      frameMs: 500,
      still: { name: 'first', title: 'First', description: 'One.' },
    },
    { keys: ['a'], until: 'heard a', mark: 'A', frameMs: 700 },
    {
      keys: [],
      size: { columns: 30, rows: 6 },
      until: 'resized 30x6',
      mark: 'Small',
      still: { name: 'small', title: 'Small', description: 'Two.' },
    },
    { keys: ['q'], until: 'heard q' },
  ],
};

describe('film', () => {
  it('plays a script in a terminal and keeps pictures, frames and the recording', async () => {
    const { stills, frames, cast, exitCode } = await film(script);
    expect(exitCode).toBe(0);
    expect(stills.map(({ name, picture }) => [name, picture.title, picture.grid.length])).toEqual([
      ['first', 'First', 8],
      ['small', 'Small', 6],
    ]);
    expect(frames.map(({ ms }) => ms)).toEqual([500, 700]);
    expect(castShape(cast)).toEqual(['40x8 A probe', 'm A', 'm Small', 'r 30x6']);
    expect(cast.events.map(([, , data]) => data).join('')).toContain('ready 40x8');
  });

  it('a scene that does not come ends the film with the screen and leaves no program behind', async () => {
    const lost: Script = { ...script, shots: [{ keys: ['x'], until: 'a white whale', within: 3000 }] };
    await expect(film(lost)).rejects.toThrow(/a white whale[\s\S]*heard x/);
  });
});
