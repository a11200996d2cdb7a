# How the lab speaks: progress on stderr, answers on stdout, and every failure as what, where, next.

say() { printf 'kvm-lab: %s\n' "$*" >&2; }

# refuse CODE WHAT WHERE NEXT...
refuse() {
  local code=$1 what=$2 where=$3
  shift 3
  printf 'kvm-lab: %s\n  where: %s\n' "$what" "$where" >&2
  local next
  for next in "$@"; do printf '  next: %s\n' "$next" >&2; done
  exit "$code"
}

# fail WHAT WHERE NEXT...
fail() { refuse 1 "$@"; }

# step WORDS: says what begins; took SECONDS-AT-BEGIN: says how long it was.
took() { printf '%d s' "$((SECONDS - $1))"; }

as_root() {
  [[ $(id -u) -eq 0 ]] || refuse 3 'the lab makes namespaces and mounts, which needs root' "user $(id -un)" "sudo $0 …"
}

# An option's value, which has to be there: value_of --rate "$@" with the option as first of "$@".
value_of() { [[ $# -ge 2 && -n $2 ]] || refuse 2 "$1 needs a value" 'the command line' 'scripts/kvm-lab --help'; printf '%s' "$2"; }
