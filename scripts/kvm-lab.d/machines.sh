# What each guest is: edits to its package tree before it becomes a disk. One function a machine; put FILE writes stdin.

put() { # put MODE FILE: content on stdin
  mkdir -p "$(dirname "$2")"
  cat >"$2"
  chmod "$1" "$2"
}

enable_unit() { # enable_unit TREE TARGET UNIT [DIRECTORY]
  mkdir -p "$1/etc/systemd/system/$2.wants"
  ln -sf "${4:-/etc/systemd/system}/$3" "$1/etc/systemd/system/$2.wants/$3"
}

# Identity and boot of any guest, source or golden.
any_machine() {
  local tree=$1 name=$2 root_uuid=$3
  echo "$name" | put 644 "$tree/etc/hostname"
  printf '127.0.0.1 localhost\n127.0.1.1 %s\n' "$name" | put 644 "$tree/etc/hosts"
  printf 'UUID=%s / ext4 defaults,errors=remount-ro 0 1\n' "$root_uuid" | put 644 "$tree/etc/fstab"
  put 644 "$tree/etc/default/grub" <<'GRUB'
GRUB_DEFAULT=0
GRUB_TIMEOUT=1
GRUB_DISTRIBUTOR=Debian
GRUB_CMDLINE_LINUX_DEFAULT=""
GRUB_CMDLINE_LINUX="console=ttyS0,115200n8"
GRUB_TERMINAL="serial"
GRUB_SERIAL_COMMAND="serial --speed=115200 --unit=0"
GRUB_DISABLE_OS_PROBER=true
GRUB
  rm -f "$tree"/etc/ssh/ssh_host_* "$tree"/etc/systemd/system/timers.target.wants/apt-daily*.timer
}

source_machine() {
  local tree=$1 name=$2 root_uuid=$3
  any_machine "$@"
  uuidgen | tr -d - | put 444 "$tree/etc/machine-id"
  ssh-keygen -q -A -f "$tree"
  put 600 "$tree/root/.ssh/authorized_keys" <"$CACHE/keys/lab.pub"
  chmod 700 "$tree/root/.ssh"
}

networkd() { # networkd TREE ADDRESS
  put 644 "$1/etc/systemd/network/10-lan.network" <<UNIT
[Match]
Name=enp1s0

[Network]
Address=$2/24
Gateway=10.77.1.254
UNIT
  enable_networkd "$1"
}

enable_networkd() {
  enable_unit "$1" multi-user.target systemd-networkd.service /lib/systemd/system
  enable_unit "$1" sockets.target systemd-networkd.socket /lib/systemd/system
}

timer() { # timer TREE NAME EVERY COMMAND
  put 644 "$1/etc/systemd/system/$2.service" <<UNIT
[Unit]
Description=$2

[Service]
Type=oneshot
ExecStart=/bin/sh -c '$4'
UNIT
  put 644 "$1/etc/systemd/system/$2.timer" <<UNIT
[Unit]
Description=$2 every $3

[Timer]
OnBootSec=$3
OnUnitActiveSec=$3

[Install]
WantedBy=timers.target
UNIT
  enable_unit "$1" timers.target "$2.timer"
}

machine_web1() { # plain ext4, systemd-networkd, a web server, root's crontab
  local tree=$1 uuid=$2
  add_packages "$tree" cron busybox
  source_machine "$tree" web1 "$uuid"
  networkd "$tree" "$(source_address web1)"
  put 644 "$tree/srv/www/index.html" <<<'<!doctype html><title>Shop</title><h1>The shop of web1 is open</h1>'
  local page
  for page in {1..400}; do printf '<h1>Article %s</h1>%2000s\n' "$page" '' >"$tree/srv/www/article-$page.html"; done
  put 644 "$tree/etc/systemd/system/shop.service" <<'UNIT'
[Unit]
Description=The shop
After=network.target

[Service]
ExecStart=/usr/bin/busybox httpd -f -p 80 -h /srv/www
Restart=always

[Install]
WantedBy=multi-user.target
UNIT
  enable_unit "$tree" multi-user.target shop.service
  timer "$tree" reindex-shop 10min 'ls /srv/www | wc -l >/var/lib/shop-index'
  put 600 "$tree/var/spool/cron/crontabs/root" <<'CRON'
*/5 * * * * echo "$(date) orders sent to the supplier" >>/var/log/send-orders.log
CRON
  in_tree "$tree" chown root:crontab /var/spool/cron/crontabs/root
}

machine_files1() { # MBR, swap, a second disk with LVM, ifupdown, many files
  local tree=$1 uuid=$2
  printf 'RESUME=UUID=%s\n' "$FILES1_SWAP" | put 644 "$tree/etc/initramfs-tools/conf.d/resume"
  add_packages "$tree" cron ifupdown lvm2 acl attr
  source_machine "$tree" files1 "$uuid"
  cat >>"$tree/etc/fstab" <<FSTAB
UUID=$FILES1_SWAP none swap sw 0 0
/dev/mapper/vg_data-srv /srv ext4 defaults 0 2
UUID=$FILES1_ARCHIVE /srv/archive ext4 defaults 0 2
FSTAB
  put 644 "$tree/etc/network/interfaces" <<INTERFACES
auto lo
iface lo inet loopback

auto enp1s0
iface enp1s0 inet static
    address $(source_address files1)/24
    gateway 10.77.1.254
INTERFACES
  put 644 "$tree/etc/rsyncd.conf" <<'CONF'
[drawings]
path = /srv
comment = drawings of all halls
read only = yes
CONF
  enable_unit "$tree" multi-user.target rsync.service /lib/systemd/system
  timer "$tree" scrub-drawings 15min 'find /srv -type f | wc -l >/var/lib/drawings-count'
  put 644 "$tree/etc/cron.d/nightly-backup" <<'CRON'
30 2 * * * root tar -cf /srv/archive/nightly.tar /srv/hall-1
CRON
  files1_data "$LAB/build/seed"
}

# The data of files1, as a tar that the builder unpacks onto the logical volumes.
files1_data() {
  local seed=$1 hall drawing
  mkdir -p "$seed/archive"
  for hall in {1..10}; do
    mkdir -p "$seed/hall-$hall"
    for drawing in {1..300}; do printf 'hall %s drawing %s\n%0*d\n' "$hall" "$drawing" "$((drawing * 13))" 0 >"$seed/hall-$hall/drawing-$drawing.dxf"; done
  done
  for drawing in {1..50}; do ln "$seed/hall-1/drawing-$drawing.dxf" "$seed/archive-of-$drawing.dxf"; done
  ln -s hall-1 "$seed/current"
  printf 'a name with spaces and \303\274ml\303\244ut\n' >"$seed/hall-2/Halle 2 Ost (\303\234bersicht).txt"
  truncate -s 256M "$seed/scratch.img"
  printf 'end' >>"$seed/scratch.img"
  head -c 8000000 /dev/urandom >"$seed/archive/2024.bin"
  tar --sparse --numeric-owner -C "$seed" -cf "$LAB/build/seed.tar" .
  rm -rf --one-file-system "$seed"
}

machine_db1() { # MariaDB that never rests, netplan, a mail-like timer
  local tree=$1 uuid=$2
  add_packages "$tree" cron mariadb-server netplan.io
  source_machine "$tree" db1 "$uuid"
  put 600 "$tree/etc/netplan/10-lan.yaml" <<NETPLAN
network:
  version: 2
  renderer: networkd
  ethernets:
    enp1s0:
      addresses: [$(source_address db1)/24]
      routes:
        - to: default
          via: 10.77.1.254
NETPLAN
  enable_networkd "$tree"
  put 644 "$tree/etc/mysql/mariadb.conf.d/90-lab.cnf" <<'CONF'
[mysqld]
bind-address = 0.0.0.0
innodb_buffer_pool_size = 64M
innodb_log_file_size = 32M
CONF
  put 644 "$tree/usr/local/share/orders.sql" <<'SQL'
CREATE DATABASE IF NOT EXISTS shop;
USE shop;
CREATE TABLE IF NOT EXISTS orders (id BIGINT AUTO_INCREMENT PRIMARY KEY, placed DATETIME(6), amount INT, note VARCHAR(400), KEY (amount));
CREATE TABLE IF NOT EXISTS ledger (account INT PRIMARY KEY, balance BIGINT);
INSERT IGNORE INTO ledger VALUES (1, 0);
DELIMITER //
CREATE OR REPLACE PROCEDURE take_orders()
BEGIN
  DECLARE price INT;
  LOOP
    SET price = FLOOR(RAND() * 1000);
    START TRANSACTION;
    INSERT INTO orders (placed, amount, note) VALUES (NOW(6), price, REPEAT(MD5(RAND()), 10));
    UPDATE ledger SET balance = balance + price WHERE account = 1;
    COMMIT;
    DO SLEEP(0.2);
  END LOOP;
END //
DELIMITER ;
SQL
  put 644 "$tree/etc/systemd/system/orders.service" <<'UNIT'
[Unit]
Description=Orders that never rest
After=mariadb.service
Requires=mariadb.service

[Service]
ExecStartPre=/bin/sh -c 'mariadb </usr/local/share/orders.sql'
ExecStart=/usr/bin/mariadb -e 'CALL shop.take_orders()'
Restart=always
RestartSec=2

[Install]
WantedBy=multi-user.target
UNIT
  enable_unit "$tree" multi-user.target orders.service
  timer "$tree" mail-queue 2min 'date >>/var/log/mail-sent.log'
  put 644 "$tree/etc/cron.d/invoices" <<'CRON'
15 * * * * root date >>/var/log/invoices.log
CRON
}

machine_golden() { # Dallas' own: no data, no key of ours, no address
  local tree=$1 uuid=$2
  any_machine "$tree" debian-golden "$uuid"
  : | put 444 "$tree/etc/machine-id"
  put 644 "$tree/etc/systemd/network/80-up.network" <<'UNIT'
# The NIC is brought up without an address; whoever makes a machine of this image says which.
[Match]
Type=ether

[Link]
RequiredForOnline=no

[Network]
LinkLocalAddressing=no
IPv6AcceptRA=no
KeepConfiguration=yes
UNIT
  enable_networkd "$tree"
  put 644 "$tree/etc/systemd/system/ssh-host-keys.service" <<'UNIT'
[Unit]
Description=SSH host keys of this machine
Before=ssh.service

[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=/usr/bin/ssh-keygen -A

[Install]
WantedBy=multi-user.target
UNIT
  enable_unit "$tree" multi-user.target ssh-host-keys.service
}

# Takes away what only the making of a tree needed.
finish_tree() {
  rm -rf "$1"/var/cache/apt/archives/*.deb "$1"/var/cache/apt/*.bin "$1"/var/lib/apt/lists/* "$1/usr/sbin/policy-rc.d"
  printf '# The lab has no name server.\n' >"$1/etc/resolv.conf"
}
