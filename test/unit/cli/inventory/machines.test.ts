import { expect, it } from 'vitest';
import { machinesText } from '../../../../src/cli/inventory/machines.ts';
import { factsOf } from '../../../support/recorded-host.ts';
import { machinePlan, planOf, Story } from '../../../support/state.ts';
import { WEB1 } from '../../reports/inventory/estate.ts';

it('tells of each machine what starts it, who sets its network, what acts twice, and how old that is', () => {
  const plan = planOf({ machines: { files1: machinePlan(), web1: machinePlan() } });
  const { guest, domain } = factsOf('debian-12-lvm');
  const story = new Story(plan).begin().observe('files1', guest, domain).wait(90_000);
  expect(machinesText(story.view, { now: story.now, machines: [], width: 120 })).toBe(
    `machine      system                             disks      used
files1       Debian GNU/Linux 12 (bookworm)   5.37 GB    419 MB
             seen       1m30s ago
             mounts     / (ext4), /srv (ext4), /srv/archive (ext4)
             boot       grub; kernel 6.1.0-50-cloud-amd64, initramfs with virtio drivers
             network    ifupdown: enp1s0 10.77.1.12/24
             twice      cron: cron.service, /etc/cron.d/nightly-backup
                        timer: scrub-drawings.timer
                        update: /etc/cron.daily/apt-compat
web1         not seen yet
`,
  );
});

it('tells what is around a machine, a line a kind, and only of the machines that are meant', () => {
  const plan = planOf({ machines: { files1: machinePlan(), web1: machinePlan() } });
  const story = new Story(plan).begin().observe('web1');
  story.tell({ type: 'machine.surveyed', machine: 'web1', survey: WEB1, digest: 'd' });
  const text = machinesText(story.view, { now: story.now, machines: ['web1'], width: 120 });
  expect(text).not.toContain('files1');
  for (const line of [
    'data       PostgreSQL 15.6, in /var/lib/postgresql/15, 12.0 GB, replica of 10.20.0.44',
    'shares     /mnt/legacy from nas9.miami.example:/export/cfg (nfs4)',
    'uses       dns 10.20.0.2',
    'containers queue (docker, running)',
    'schedules  1, 1 of them known to send mail',
    'expiring   shop.example: EXPIRED 2026-11-22 11:00 UTC (/etc/nginx/tls/shop.pem)',
    'not known  firewall rules; certificates below /opt',
  ])
    expect(text).toContain(line);
});

it('does not run over the edge of a narrow terminal: what goes on stays in its column', () => {
  const plan = planOf({ machines: { web1: machinePlan() } });
  const story = new Story(plan).begin().observe('web1');
  story.tell({ type: 'machine.surveyed', machine: 'web1', survey: WEB1, digest: 'd' });
  const lines = machinesText(story.view, { now: story.now, machines: [], width: 64 }).split('\n');
  for (const line of lines) expect(line.length).toBeLessThanOrEqual(64);
  const at = lines.findIndex(line => line.includes('data       PostgreSQL'));
  expect(lines[at + 1]).toMatch(/^ {24}\S/);
});
