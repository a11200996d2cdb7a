import { KERNEL_NIC, type MachineFacts, POOL_PATH } from '../world/layout.ts';
import type { Storage } from '../world/machine-sketches.ts';
import { formatOf, sourceVolume } from './domain-xml.ts';

/** A running source domain, as `virsh dumpxml` of libvirt 9.0 prints it. */

const pci = (bus: number, slot = 0, func = 0): string =>
  `<address type='pci' domain='0x0000' bus='0x0${bus}' slot='0x${String(slot).padStart(2, '0')}' function='0x${func}'/>`;

const disk = (
  machine: string,
  target: string,
  storage: Storage,
  at: number,
): string => `    <disk type='file' device='disk'>
      <driver name='qemu' type='${formatOf(storage)}' cache='none' discard='unmap'/>
      <source file='${POOL_PATH}/${sourceVolume(machine, target, storage)}' index='${at + 2}'/>
      <backingStore/>
      <target dev='${target}' bus='virtio'/>
      <alias name='virtio-disk${at}'/>
      ${pci(at + 4)}
    </disk>
`;

/** An empty drive, as installers leave it behind. */
const CDROM = `    <disk type='file' device='cdrom'>
      <driver name='qemu'/>
      <target dev='sda' bus='sata'/>
      <readonly/>
      <alias name='sata0-0-0'/>
      <address type='drive' controller='0' bus='0' target='0' unit='0'/>
    </disk>
`;

const rootPorts = Array.from(
  { length: 8 },
  (_, at) => `    <controller type='pci' index='${at + 1}' model='pcie-root-port'>
      <model name='pcie-root-port'/>
      <target chassis='${at + 1}' port='0x1${at}'/>
      <alias name='pci.${at + 1}'/>
      <address type='pci' domain='0x0000' bus='0x00' slot='0x02' function='0x${at}'${at === 0 ? " multifunction='on'" : ''}/>
    </controller>
`,
).join('');

export function sourceDomainXml(machine: MachineFacts, network: string, id: number): string {
  const disks = machine.disks
    .map(({ target, storage }, at) => disk(machine.name, target, storage, at))
    .join('');
  const bus = Number(/^enp(\d+)s0$/.exec(KERNEL_NIC)?.[1]);
  return `<domain type='kvm' id='${id}'>
  <name>${machine.name}</name>
  <uuid>${machine.uuid}</uuid>
  <metadata>
    <libosinfo:libosinfo xmlns:libosinfo="http://libosinfo.org/xmlns/libvirt/domain/1.0">
      <libosinfo:os id="http://debian.org/debian/12"/>
    </libosinfo:libosinfo>
  </metadata>
  <memory unit='KiB'>4194304</memory>
  <currentMemory unit='KiB'>4194304</currentMemory>
  <vcpu placement='static'>2</vcpu>
  <resource>
    <partition>/machine</partition>
  </resource>
  <os>
    <type arch='x86_64' machine='pc-q35-7.2'>hvm</type>
    <boot dev='hd'/>
  </os>
  <features>
    <acpi/>
    <apic/>
    <vmport state='off'/>
  </features>
  <cpu mode='custom' match='exact' check='full'>
    <model fallback='forbid'>Skylake-Server-IBRS</model>
    <vendor>Intel</vendor>
    <feature policy='require' name='vmx'/>
    <feature policy='require' name='hypervisor'/>
    <feature policy='disable' name='mpx'/>
  </cpu>
  <clock offset='utc'>
    <timer name='rtc' tickpolicy='catchup'/>
    <timer name='pit' tickpolicy='delay'/>
    <timer name='hpet' present='no'/>
  </clock>
  <on_poweroff>destroy</on_poweroff>
  <on_reboot>restart</on_reboot>
  <on_crash>destroy</on_crash>
  <pm>
    <suspend-to-mem enabled='no'/>
    <suspend-to-disk enabled='no'/>
  </pm>
  <devices>
    <emulator>/usr/bin/qemu-system-x86_64</emulator>
${disks}${machine.name === 'mail1' ? CDROM : ''}    <controller type='usb' index='0' model='qemu-xhci' ports='15'>
      <alias name='usb'/>
      ${pci(2)}
    </controller>
    <controller type='pci' index='0' model='pcie-root'>
      <alias name='pcie.0'/>
    </controller>
${rootPorts}    <controller type='sata' index='0'>
      <alias name='ide'/>
      ${pci(0, 1, 2).replace("slot='0x01'", "slot='0x1f'")}
    </controller>
    <controller type='virtio-serial' index='0'>
      <alias name='virtio-serial0'/>
      ${pci(3)}
    </controller>
    <interface type='network'>
      <mac address='${machine.mac}'/>
      <source network='${network}' portid='${machine.uuid}' bridge='virbr1'/>
      <target dev='vnet${id}'/>
      <model type='virtio'/>
      <alias name='net0'/>
      ${pci(bus)}
    </interface>
    <serial type='pty'>
      <source path='/dev/pts/${id}'/>
      <target type='isa-serial' port='0'>
        <model name='isa-serial'/>
      </target>
      <alias name='serial0'/>
    </serial>
    <console type='pty' tty='/dev/pts/${id}'>
      <source path='/dev/pts/${id}'/>
      <target type='serial' port='0'/>
      <alias name='serial0'/>
    </console>
    <channel type='unix'>
      <source mode='bind' path='/var/lib/libvirt/qemu/channel/target/domain-${id}-${machine.name}/org.qemu.guest_agent.0'/>
      <target type='virtio' name='org.qemu.guest_agent.0' state='connected'/>
      <alias name='channel0'/>
      <address type='virtio-serial' controller='0' bus='0' port='1'/>
    </channel>
    <input type='tablet' bus='usb'>
      <alias name='input0'/>
      <address type='usb' bus='0' port='1'/>
    </input>
    <input type='mouse' bus='ps2'>
      <alias name='input1'/>
    </input>
    <input type='keyboard' bus='ps2'>
      <alias name='input2'/>
    </input>
    <graphics type='vnc' port='${5900 + id}' autoport='yes' listen='127.0.0.1'>
      <listen type='address' address='127.0.0.1'/>
    </graphics>
    <audio id='1' type='none'/>
    <video>
      <model type='virtio' heads='1' primary='yes'/>
      <alias name='video0'/>
      ${pci(0, 1)}
    </video>
    <memballoon model='virtio'>
      <alias name='balloon0'/>
      ${pci(8)}
    </memballoon>
    <rng model='virtio'>
      <backend model='random'>/dev/urandom</backend>
      <alias name='rng0'/>
      ${pci(7)}
    </rng>
  </devices>
  <seclabel type='dynamic' model='dac' relabel='yes'>
    <label>+64055:+64055</label>
    <imagelabel>+64055:+64055</imagelabel>
  </seclabel>
</domain>
`;
}
