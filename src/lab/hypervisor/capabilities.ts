/** What the simulated QEMU 7.2 can run, as libvirt 9.0 tells it. */

const ALIASES: Readonly<Record<string, string>> = { pc: 'pc-i440fx-7.2', q35: 'pc-q35-7.2' };
const RELEASES = [
  '7.2',
  '7.1',
  '7.0',
  '6.2',
  '6.1',
  '6.0',
  '5.2',
  '5.1',
  '5.0',
  '4.2',
  '4.1',
  '4.0',
  '3.1',
  '3.0',
];
const MACHINES = RELEASES.flatMap(release => [`pc-i440fx-${release}`, `pc-q35-${release}`]);

const MODELS = [
  ...[
    'Skylake-Server-IBRS',
    'Skylake-Server',
    'Skylake-Client-IBRS',
    'Skylake-Client',
    'Broadwell-IBRS',
    'Broadwell',
  ],
  ...[
    'Haswell-IBRS',
    'Haswell',
    'IvyBridge-IBRS',
    'IvyBridge',
    'SandyBridge-IBRS',
    'SandyBridge',
    'Westmere-IBRS',
  ],
  ...['Westmere', 'Nehalem-IBRS', 'Nehalem', 'Penryn', 'Conroe', 'kvm64', 'qemu64', 'qemu32', 'kvm32'],
];

const machineLines = Object.entries(ALIASES)
  .map(([alias, canonical]) => `      <machine canonical='${canonical}' maxCpus='288'>${alias}</machine>\n`)
  .concat(MACHINES.map(machine => `      <machine maxCpus='288'>${machine}</machine>\n`))
  .join('');

export const CAPABILITIES = `<capabilities>

  <host>
    <uuid>4c4c4544-0042-5910-8054-b4c04f4e3232</uuid>
    <cpu>
      <arch>x86_64</arch>
      <model>Skylake-Server-IBRS</model>
      <vendor>Intel</vendor>
      <topology sockets='1' dies='1' cores='8' threads='2'/>
      <pages unit='KiB' size='4'/>
      <pages unit='KiB' size='2048'/>
    </cpu>
    <power_management/>
    <iommu support='yes'/>
    <migration_features>
      <live/>
      <uri_transports>
        <uri_transport>tcp</uri_transport>
        <uri_transport>rdma</uri_transport>
      </uri_transports>
    </migration_features>
    <secmodel>
      <model>apparmor</model>
      <doi>0</doi>
    </secmodel>
    <secmodel>
      <model>dac</model>
      <doi>0</doi>
      <baselabel type='kvm'>+64055:+64055</baselabel>
      <baselabel type='qemu'>+64055:+64055</baselabel>
    </secmodel>
  </host>

  <guest>
    <os_type>hvm</os_type>
    <arch name='x86_64'>
      <wordsize>64</wordsize>
      <emulator>/usr/bin/qemu-system-x86_64</emulator>
${machineLines}      <domain type='qemu'/>
      <domain type='kvm'/>
    </arch>
    <features>
      <acpi default='on' toggle='yes'/>
      <apic default='on' toggle='no'/>
      <cpuselection/>
      <deviceboot/>
      <disksnapshot default='on' toggle='no'/>
      <externalSnapshot/>
    </features>
  </guest>

</capabilities>
`;

const values = (...all: string[]): string => all.map(value => `        <value>${value}</value>\n`).join('');
const choice = (name: string, ...all: string[]): string =>
  `      <enum name='${name}'>\n${values(...all)}      </enum>\n`;

export const DOMAIN_CAPABILITIES = (type: 'kvm' | 'qemu', machine: string): string => `<domainCapabilities>
  <path>/usr/bin/qemu-system-x86_64</path>
  <domain>${type}</domain>
  <machine>${ALIASES[machine] ?? machine}</machine>
  <arch>x86_64</arch>
  <vcpu max='${machine.includes('q35') ? 288 : 255}'/>
  <iothreads supported='yes'/>
  <os supported='yes'>
    <enum name='firmware'>
      <value>efi</value>
    </enum>
    <loader supported='yes'>
      <value>/usr/share/OVMF/OVMF_CODE_4M.fd</value>
      <value>/usr/share/OVMF/OVMF_CODE_4M.ms.fd</value>
      <value>/usr/share/OVMF/OVMF_CODE_4M.secboot.fd</value>
${choice('type', 'rom', 'pflash')}${choice('readonly', 'yes', 'no')}${choice('secure', 'no')}    </loader>
  </os>
  <cpu>
    <mode name='host-passthrough' supported='${type === 'kvm' ? 'yes' : 'no'}'${
      type === 'kvm' ? `>\n${choice('hostPassthroughMigratable', 'on', 'off')}    </mode>` : '/>'
    }
    <mode name='maximum' supported='yes'>
${choice('maximumMigratable', 'on', 'off')}    </mode>
    <mode name='host-model' supported='yes'>
      <model fallback='forbid'>${type === 'kvm' ? 'Skylake-Server-IBRS' : 'EPYC'}</model>
      <vendor>${type === 'kvm' ? 'Intel' : 'AMD'}</vendor>
      <feature policy='require' name='hypervisor'/>
    </mode>
    <mode name='custom' supported='yes'>
${MODELS.map(model => `      <model usable='yes' vendor='Intel'>${model}</model>\n`).join('')}      <model usable='no' vendor='AMD'>EPYC-Milan</model>
      <model usable='no' vendor='Intel'>Icelake-Server</model>
    </mode>
  </cpu>
  <memoryBacking supported='yes'>
${choice('sourceType', 'file', 'anonymous', 'memfd')}  </memoryBacking>
  <devices>
    <disk supported='yes'>
${choice('diskDevice', 'disk', 'cdrom', 'floppy', 'lun')}${choice('bus', 'ide', 'fdc', 'scsi', 'virtio', 'usb', 'sata')}${choice('model', 'virtio', 'virtio-transitional', 'virtio-non-transitional')}    </disk>
    <graphics supported='yes'>
${choice('type', 'sdl', 'vnc', 'spice', 'egl-headless', 'dbus')}    </graphics>
    <video supported='yes'>
${choice('modelType', 'vga', 'cirrus', 'vmvga', 'qxl', 'virtio', 'none', 'bochs', 'ramfb')}    </video>
    <hostdev supported='yes'>
${choice('mode', 'subsystem')}    </hostdev>
    <rng supported='yes'>
${choice('model', 'virtio', 'virtio-transitional', 'virtio-non-transitional')}${choice('backendModel', 'random', 'egd', 'builtin')}    </rng>
    <tpm supported='yes'>
${choice('model', 'tpm-tis', 'tpm-crb')}${choice('backendModel', 'passthrough', 'emulator', 'external')}    </tpm>
  </devices>
  <features>
    <gic supported='no'/>
    <vmcoreinfo supported='yes'/>
    <genid supported='yes'/>
    <backingStoreInput supported='yes'/>
    <backup supported='yes'/>
    <sev supported='no'/>
    <sgx supported='no'/>
  </features>
</domainCapabilities>
`;
