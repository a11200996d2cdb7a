import { expect, it } from 'vitest';
import { inventoryTable } from '../../../src/cli/inventory-table.ts';
import { factsOf } from '../../support/recorded-host.ts';
import { machinePlan, planOf, Story } from '../../support/state.ts';

it('tells of each machine what starts it, who sets its network, what acts twice, and what is wrong', () => {
  const plan = planOf({ machines: { files1: machinePlan(), web1: machinePlan() } });
  const { guest, domain } = factsOf('debian-12-lvm');
  const fstab = [
    ...(guest.fstab ?? []),
    ...[{ line: 7, spec: 'UUID=dead', mountpoint: '/data', type: 'ext4', options: ['defaults'] }],
  ];
  const { state } = new Story(plan).begin().observe('files1', { ...guest, fstab }, domain);
  expect(inventoryTable(plan, state)).toBe(
    `machine      system                             disks      used  file systems
files1       Debian GNU/Linux 12 (bookworm)   5.37 GB    419 MB  / (ext4) /srv (ext4) /srv/archive (ext4)
             boot     grub; kernel 6.1.0-50-cloud-amd64, initramfs with virtio drivers
             network  ifupdown: enp1s0 10.77.1.12/24
             twice    cron: cron.service, /etc/cron.d/nightly-backup
                      timer: scrub-drawings.timer
                      update: /etc/cron.daily/apt-compat
             warning  line 7 of /etc/fstab (/data) wants UUID dead, which no device has: this machine would not survive a restart, not even at the source
                      correct the line on the source (blkid tells the identifiers), or add the option nofail
web1         not seen yet
`,
  );
});
