# What documentation knows nothing of, planted in Miami: a share of another server, a domain that no plan names, an address
# in a file, a certificate that has expired, a cron job that mails. Nothing of it is installed in a guest or restarted.

PLANTED_SHARE=/srv/www/theme
PLANTED_FILES='/etc/shop/shop.conf /etc/shop/tls/shop.pem /etc/cron.d/daily-figures'
PLANTED_DOMAIN=forgotten1

make_plant_inventory() {
  plant_share
  plant_files "$1"
  plant_domain
}

undo_plant_inventory() {
  unplant_domain
  jump_ssh web1 "umount -l $PLANTED_SHARE 2>/dev/null
    rmdir $PLANTED_SHARE 2>/dev/null
    rm -f $PLANTED_FILES && { rmdir /etc/shop/tls /etc/shop 2>/dev/null || true; }"
  unplant_share
}

# A file server of Miami that is no machine of the plan: NFSv4 on the hypervisor's own address.
plant_share() {
  command -v ganesha.nfsd >/dev/null || install_file_server
  in_site miami sh -c 'set -e
    mkdir -p /run/lab-nfs/share /run/ganesha /var/run/ganesha
    echo "colours of the shop" >/run/lab-nfs/share/theme.conf
    cat >/run/lab-nfs/ganesha.conf <<CONF
NFS_CORE_PARAM { Protocols = 4; NFS_Port = 2049; Bind_addr = $1; Enable_NLM = false; Enable_RQUOTA = false; }
NFSV4 { Graceless = true; Minor_Versions = 1; RecoveryBackend = fs; RecoveryRoot = /run/lab-nfs; Delegations = false; Only_Numeric_Owners = true; }
NFS_KRB5 { Active_krb5 = false; }
EXPORT { Export_Id = 77; Path = /run/lab-nfs/share; Pseudo = /export/theme; Access_Type = RW; Squash = No_Root_Squash; SecType = sys; FSAL { Name = VFS; } }
CONF
    [ -s /run/lab-nfs/pid ] && kill -0 "$(cat /run/lab-nfs/pid)" 2>/dev/null ||
      ganesha.nfsd -f /run/lab-nfs/ganesha.conf -L /run/lab-nfs/log -p /run/lab-nfs/pid -N NIV_EVENT' sh "$(site_net miami).1"
  until_true 30 in_site miami sh -c 'ss -Hltn sport = :2049 | grep -q LISTEN' ||
    fail 'the file server of Miami does not listen' '/run/lab-nfs/log on miami-kvm' 'scripts/kvm-lab ssh miami-kvm cat /run/lab-nfs/log'
  # Mounted by hand, as such a share comes to be forgotten: fstab knows nothing of it.
  jump_ssh web1 "mkdir -p $PLANTED_SHARE && { mountpoint -q $PLANTED_SHARE ||
    mount -i -t nfs4 -o vers=4.1,soft,timeo=50,addr=$(site_net miami).1,clientaddr=$(source_address web1) \
      $(site_net miami).1:/export/theme $PLANTED_SHARE; }"
}

install_file_server() {
  say 'installing with apt: nfs-ganesha nfs-ganesha-vfs'
  apt-get install -y -qq --no-install-recommends nfs-ganesha nfs-ganesha-vfs >"$LAB/apt.log" 2>&1 </dev/null ||
    fail 'apt could not install the file server' "$LAB/apt.log" 'apt-get install nfs-ganesha nfs-ganesha-vfs'
}

unplant_share() {
  in_site miami sh -c '[ ! -s /run/lab-nfs/pid ] || kill "$(cat /run/lab-nfs/pid)" 2>/dev/null || true'
  # It writes below its directory until it has ended.
  until_true 30 file_server_ended || fail 'the file server of Miami did not end' '/run/lab-nfs on miami-kvm' 'scripts/kvm-lab fault clear'
  in_site miami rm -rf /run/lab-nfs
}

file_server_ended() {
  in_site miami sh -c '[ ! -s /run/lab-nfs/pid ] || ! kill -0 "$(cat /run/lab-nfs/pid)" 2>/dev/null'
}

plant_files() { # SAVED
  expired_certificate "$1"
  rm -f "$1/key.pem"
  jump_ssh web1 'mkdir -p /etc/shop/tls && cat >/etc/shop/tls/shop.pem' <"$1/shop.pem"
  jump_ssh web1 'cat >/etc/shop/shop.conf' <<CONF
[orders]
host = $(source_address db1)
port = 3306
[reports]
archive_server = 10.77.1.77
CONF
  jump_ssh web1 'cat >/etc/cron.d/daily-figures' <<'CRON'
MAILTO=figures@shop.example
20 6 * * * root /usr/local/bin/daily-figures | mail -s "Figures of yesterday" board@shop.example
CRON
}

# Only as an authority does every openssl take dates.
expired_certificate() { # SAVED
  local place=$1
  : >"$place/index"
  printf '[ca]\ndefault_ca=d\n[d]\ndatabase=%s/index\nnew_certs_dir=%s\nrand_serial=yes\ndefault_md=sha256\npolicy=p\n[p]\ncommonName=supplied\n' \
    "$place" "$place" >"$place/ca.conf"
  openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -keyout "$place/key.pem" -out "$place/request.pem" \
    -subj /CN=shop.example >/dev/null 2>&1 &&
    openssl ca -batch -selfsign -config "$place/ca.conf" -keyfile "$place/key.pem" -in "$place/request.pem" -notext \
      -startdate 20200101000000Z -enddate 20210101000000Z -out "$place/shop.pem" >/dev/null 2>&1 ||
    fail 'openssl could not make a certificate that has expired' "$place" 'apt-get install openssl'
}

# A domain that runs and stands in no plan: no disk, no system, a few MB.
plant_domain() {
  virsh_in miami domstate "$PLANTED_DOMAIN" >/dev/null 2>&1 && return 0
  in_site miami sh -c 'cat >"/run/$1.xml" <<XML
<domain type="qemu"><name>$1</name><memory unit="MiB">32</memory><vcpu>1</vcpu>
<os><type arch="x86_64" machine="pc">hvm</type></os>
<devices><emulator>/usr/bin/qemu-system-x86_64</emulator>
<interface type="network"><source network="lab"/><model type="virtio"/></interface></devices></domain>
XML
' sh "$PLANTED_DOMAIN"
  virsh_in miami create "/run/$PLANTED_DOMAIN.xml" >/dev/null
}

unplant_domain() {
  virsh_in miami domstate "$PLANTED_DOMAIN" >/dev/null 2>&1 || return 0
  virsh_in miami destroy "$PLANTED_DOMAIN" >/dev/null
  in_site miami rm -f "/run/$PLANTED_DOMAIN.xml"
}
