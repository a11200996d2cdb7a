import { expect, it } from 'vitest';
import { inventoryFile } from '../../../src/evacuation/inventory-file.ts';
import { estate } from '../reports/estate.ts';
import { looked } from '../reports/inventory/estate.ts';

it('keeps what was seen of machines, hypervisors and SQL Servers, with the time at which it was seen', () => {
  const events = [...looked().events, ...estate().events];
  const files = events.flatMap(event => inventoryFile(event) ?? []);
  expect([...new Set(files.map(({ name }) => name))]).toEqual([
    'web1.json',
    'web1.survey.json',
    'db1.json',
    'db1.survey.json',
    'servers/sql1-1433.json',
    'hypervisors/dal-kvm1.json',
    'files1.json',
    'mail1.json',
    'app1.json',
  ]);
  for (const { name, text } of files) {
    const content = JSON.parse(text);
    expect(new Date(content.observed).getTime(), name).toBe(content.observedAt);
  }
});

it('leads out of its folder for no address that a plan can hold', () => {
  const [event] = looked().events.filter(({ type }) => type === 'server.surveyed');
  if (event?.type !== 'server.surveyed') throw new Error('the story has a server');
  for (const server of ['fe80::1:1433', '../../x:1', 'sql1.miami.example:1433'])
    expect(inventoryFile({ ...event, server })?.name).toMatch(/^servers\/[A-Za-z0-9][A-Za-z0-9.-]*\.json$/);
});
