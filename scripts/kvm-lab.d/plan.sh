# The plan that evacuates the lab. Its first line says through which command landfall has to be started; see scripts/landfall.

plan_write() {
  write_plan kvm-lab miami-kvm dallas-kvm >"$checkout/plans/kvm-lab.yaml.new"
  mv "$checkout/plans/kvm-lab.yaml.new" "$checkout/plans/kvm-lab.yaml"
}

# A little less than the line: what landfall may not take is what the services of the guests live on.
plan_limit() {
  local rate
  rate=$(recorded rate)
  if [[ $rate =~ ^([0-9]+)mbit$ ]]; then printf '%s Mbit/s' "$((BASH_REMATCH[1] * 9 / 10 > 0 ? BASH_REMATCH[1] * 9 / 10 : 1))"; else printf '1 Mbit/s'; fi
}

write_plan() { # NAME SOURCE-HYPERVISOR TARGET-HYPERVISOR
  local name=$1 from=$2 to=$3 virt=qemu
  [[ $(recorded accelerator) != kvm ]] || virt=auto
  cat <<PLAN
# jump-host: $LAB/jump/enter
# yaml-language-server: \$schema=./plan.schema.json
#
# Written by scripts/kvm-lab up: three emulated servers leave Miami for Dallas, over $(recorded rate) of real network.

version: 1
name: $name
rehearsal: true

deadline: { earliest: in 6h, expected: in 12h, reason: the KVM lab }

ssh: { config: $LAB/jump/ssh_config }

sites:
  miami:  { role: source }
  dallas: { role: target }

link: { limit: $(plan_limit), streams: 2 }

hypervisors:
  miami-kvm:  { site: miami,  address: $from }
  dallas-kvm: { site: dallas, address: $to, virt: $virt }  # on this machine $(virt_words "$virt")

networks:
  mia-lab: { site: miami,  libvirt: lab, cidr: 10.77.1.0/24 }
  dal-lab: { site: dallas, libvirt: lab, cidr: 10.77.2.0/24, gateway: $(site_net dallas).254, replaces: mia-lab }

images:
  debian-12: { hypervisor: dallas-kvm, pool: default, volume: $GOLDEN_VOLUME, os: debian 12 }

tiers:
  critical: { priority: 1, rpo: 5m,  rto: 30m, cost_per_hour: 18000 }
  normal:   { priority: 2, rpo: 30m, rto: 4h,  cost_per_hour: 1200 }

passes: { at_most: 6, small: 8 MiB }

# Emulated guests are busy by themselves, and so is the machine below them: their load says nothing about production.
care: { load: 100, iowait: 1 }

proof: { together: 2, boot_within: 10m }

contacts:
  - { name: Lab engineer, role: evacuation lead, phone: "0" }

cutover: { decides: Lab engineer, when: ["somebody wants to see it"] }

machines:
$(plan_machine db1 critical 'MariaDB that takes orders without rest: file copies of it are smeared')
    checks:
      - { command: [mariadb, -e, SELECT COUNT(*) FROM shop.orders] }
$(plan_machine web1 normal 'the shop')
    after: [db1]
    checks:
      - { http: "http://127.0.0.1/", expect: The shop of web1 is open }
$(plan_machine files1 normal 'drawings, on a second disk with LVM')
    checks:
      - { tcp: 873 }
      - { command: [sha256sum, /srv/archive/2024.bin] }
      - { command: [findmnt, -n, -o, SOURCE, /srv], expect: vg_data-srv }
PLAN
}

plan_machine() { # NAME TIER DESCRIPTION
  cat <<MACHINE
  $1:
    tier: $2
    description: "$3"
    source: { hypervisor: miami-kvm, address: $1 }
    target: { hypervisor: dallas-kvm, image: debian-12, network: dal-lab, address: $(target_address "$1") }
MACHINE
}

virt_words() {
  if [[ $1 == qemu ]]; then echo 'KVM is offered and runs no guest, or is missing: emulation'; else echo 'KVM runs guests'; fi
}
