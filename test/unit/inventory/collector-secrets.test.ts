import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { execa } from 'execa';
import { expect, it, onTestFinished } from 'vitest';
import { collectorCommand } from '../../../src/inventory/collector/collector.ts';
import { decodeSections } from '../../../src/inventory/guest/sections.ts';
import { readNetworkFiles } from '../../../src/tools/network-config/files.ts';

const SECRET = 'Hunter2Hunter2';

/** Files as administrators write them, each with a secret in every place where one may stand. */
const FILES: Readonly<Record<string, string>> = {
  'etc/network/interfaces': `auto wlan0
iface wlan0 inet dhcp
    wpa-ssid office
    wpa-psk ${SECRET}
    wireless-key s:${SECRET}
    up curl -u me:${SECRET} https://x
    address 10.0.0.9/24
# password ${SECRET}
`,
  'etc/network/interfaces.d/eth1': `iface eth1 inet static\n  address 10.1.0.9/24\n  pre-up PASS=${SECRET} /x\n`,
  'etc/netplan/50 lan.yaml': `network:
  version: 2
  ethernets:
    eth0:
      addresses: [10.2.0.9/24]
      auth:
        key-management: 802.1x
        identity: ${SECRET}
        password: ${SECRET}
    eth2:
      addresses:
        - 10.3.0.9/24
      auth: { password: ${SECRET}, method: peap }
  wifis:
    wlan0:
      access-points:
        "office":
          password: |
            ${SECRET}:
            ${SECRET}
      addresses: [10.4.0.9/24]
  tunnels:
    wg0:
      key: ${SECRET}
      keys: { private: ${SECRET} }
`,
  'etc/NetworkManager/system-connections/Wired connection 1.nmconnection': `[connection]
id=Wired
type=ethernet
interface-name=eth3
[802-1x]
password=${SECRET}
private-key-password=${SECRET}
[wifi-security]
psk=${SECRET}
wep-key0=${SECRET}
leap-password=${SECRET}
[vpn-secrets]
secret=${SECRET}
[wireguard]
private-key=${SECRET}
[ipv4]
method=manual
address1=10.5.0.9/24,10.5.0.1
`,
  'etc/systemd/network/10-eth.network': `[Match]\nName=eth4\n[Network]\nAddress=10.6.0.9/24\n[MACsec]\nKey=${SECRET}\n`,
  'etc/sysconfig/network-scripts/ifcfg-eth5': `DEVICE=eth5\nIPADDR=10.7.0.9\nPREFIX=24\nKEY_MGMT=WPA-PSK\nWPA_PSK=${SECRET}\nIEEE_8021X_PASSWORD=${SECRET}\n`,
  'etc/sysconfig/network/ifcfg-wlan0': `IPADDR='10.8.0.9/24'\nWIRELESS_KEY_0='${SECRET}'\nWIRELESS_WPA_PSK='${SECRET}'\n`,
  'etc/fstab': `# //nas/x /x cifs password=${SECRET}\n//nas/x /x cifs user=me,password=${SECRET},rw 0 0\n//n/y /y cifs PASSWD=${SECRET} 0 0\n`,
  'etc/crypttab': `# ${SECRET}\ndata UUID=aa /root/${SECRET} luks\n`,
  'etc/cron.d/backup': `MAILTO=me@${SECRET}\nRESTIC_PASSWORD = ${SECRET}\n"TOKEN"=${SECRET}\n0 2 * * * root /usr/bin/restic\n`,
  'etc/ssh/ssh_host_ed25519_key': SECRET,
  'etc/ssh/ssh_host_ed25519_key.pub': `ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAA ${SECRET}\n`,
};

it('leaves every secret of every configuration where it is, and brings home what is none', async () => {
  const root = mkdtempSync(path.join(tmpdir(), 'landfall root-'));
  onTestFinished(() => rmSync(root, { recursive: true }));
  for (const [name, text] of Object.entries(FILES)) {
    mkdirSync(path.join(root, path.dirname(name)), { recursive: true });
    writeFileSync(path.join(root, name), text);
  }
  const [, ...args] = collectorCommand(root);
  const { stdout } = await execa('/bin/sh', args);
  const sections = decodeSections(stdout, 'here');
  for (const [name, { text }] of sections) expect(text, name).not.toContain(SECRET);

  const network = readNetworkFiles(sections.get('network-files')?.text ?? '');
  expect(new Map(network.map(config => [config.interface, config.addresses[0]]))).toEqual(
    new Map([
      ['wlan0', '10.8.0.9/24'],
      ['eth1', '10.1.0.9/24'],
      ['eth0', '10.2.0.9/24'],
      ['eth2', '10.3.0.9/24'],
      ['eth3', '10.5.0.9/24'],
      ['eth4', '10.6.0.9/24'],
      ['eth5', '10.7.0.9/24'],
    ]),
  );
  expect(sections.get('cron')?.text).toBe('/etc/cron.d/backup\t0 2 * * * root /usr/bin/restic\n');
  expect(sections.get('host-keys')?.text).toBe('ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAA\n');
  expect(sections.get('crypttab')?.text).toBe('\ndata UUID=aa - luks\n');
});
