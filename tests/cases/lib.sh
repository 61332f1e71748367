# Functions for the `setup' of a case, and for the lines between its runs.
# They write what libvirt writes, into the directory `snapshot'.

# Text of the elements that vary; a case may set them.
uuid=7cd9cd12-6d05-4d7c-8d6c-2c7c3f5f7b1a
state=shutoff

# NAME [PARENT [TIME [INDENT]]]: a <domainsnapshot> of the domain $domain, but
# for its <active>. NAME and PARENT are XML text.
element() {
    printf "%s<domainsnapshot>\n" "${4-}"
    printf "%s  <name>%s</name>\n" "${4-}" "$1"
    printf "%s  <state>%s</state>\n" "${4-}" "$state"
    [ -z "${2-}" ] || printf "%s  <parent>\n%s    <name>%s</name>\n%s  </parent>\n" \
        "${4-}" "${4-}" "$2" "${4-}"
    printf "%s  <creationTime>%s</creationTime>\n" "${4-}" "${3:-1700000000}"
    printf "%s  <memory snapshot='no'/>\n" "${4-}"
    printf "%s  <domain type='qemu'>\n" "${4-}"
    printf "%s    <name>%s</name>\n" "${4-}" "$domain"
    printf "%s    <uuid>%s</uuid>\n" "${4-}" "$uuid"
    printf "%s    <memory unit='KiB'>65536</memory>\n" "${4-}"
    printf "%s    <os>\n" "${4-}"
    printf "%s      <type arch='x86_64' machine='pc'>hvm</type>\n" "${4-}"
    printf "%s    </os>\n" "${4-}"
    printf "%s  </domain>\n" "${4-}"
}

warning() {
    printf '%s\n' '<!--' \
        'WARNING: THIS IS AN AUTO-GENERATED FILE. CHANGES TO IT ARE LIKELY TO BE' \
        'OVERWRITTEN AND LOST. Changes to this xml configuration should be made using:' \
        '  virsh snapshot-edit' \
        'or other application using the libvirt API.' \
        '-->' ''
}

# NAME [PARENT [TIME [ACTIVE]]]: a legacy file of the domain $domain, to stdout.
legacy_file() {
    warning
    element "$1" "${2-}" "${3-}"
    printf '  <active>%s</active>\n</domainsnapshot>\n' "${4:-0}"
}

# DOMAIN NAME [PARENT [TIME [ACTIVE]]]: a legacy file. NAME is XML text; where
# that is not its file name, the file is $file.
snapshot() {
    domain=$1
    shift
    [ -d "snapshot/$domain" ] || mkdir "snapshot/$domain"
    (umask 077 && legacy_file "$@" >"snapshot/$domain/${file:-$1.xml}")
}

# DOMAIN CURRENT NAME[:PARENT[:TIME]]...: a bulk file. CURRENT is XML text, or
# empty for none; where the file is not DOMAIN.xml, it is $file.
bulk() {
    domain=$1
    current=${2:+" current='$2'"}
    shift 2
    (umask 077 && {
        warning
        printf '<snapshots%s>\n' "$current"
        for member; do
            name=${member%%:*}
            rest=${member#"$name"}
            rest=${rest#:}
            parent=${rest%%:*}
            time=${rest#"$parent"}
            element "$name" "$parent" "${time#:}" '  '
            printf '  </domainsnapshot>\n'
        done
        printf '</snapshots>\n'
    } >"snapshot/${file:-$domain.xml}")
}

# FILE SCRIPT: edit snapshot/FILE in place with sed.
edit() {
    sed "$2" "snapshot/$1" >edited
    cat edited >"snapshot/$1"
    rm edited
}

# N [CHARACTER]: N times the character x.
repeat() {
    printf "%$1s" '' | tr ' ' "${2:-x}"
}

# FILE BYTES: put a comment into the one <domain> in snapshot/FILE, so that the
# file has so many bytes.
fill() {
    set -- "$1" $(($2 - $(wc -c <"snapshot/$1")))
    {
        sed '/<os>/,$d' "snapshot/$1"
        printf '<!--%s-->' "$(repeat $(($2 - 7)))"
        sed -n '/<os>/,$p' "snapshot/$1"
    } >filled
    cat filled >"snapshot/$1"
    rm filled
}

# PATH: hold the lock that libvirt takes on a file, or another run on a
# directory, until the case is done.
hold() {
    "$HOLD_LOCK" "$1" >>"$PIDS"
}

# DOMAIN NAME [PARENT [TIME]]: a checkpoint, into the directory
# $checkpoints, `checkpoint' if it is not set; the file is NAME.xml or
# $file.
checkpoint() {
    domain=$1
    shift
    mkdir -p "${checkpoints:-checkpoint}/$domain"
    (umask 077 && checkpoint_file "$@" \
        >"${checkpoints:-checkpoint}/$domain/${file:-$1.xml}")
}

checkpoint_file() {
    has="<disk type='file'><source file='/x'/><target dev='vda'/></disk>"
    warning | sed 's/snapshot-edit/checkpoint-edit/'
    printf "<domaincheckpoint>\n  <name>%s</name>\n" "$1"
    [ -z "${2-}" ] ||
        printf "  <parent>\n    <name>%s</name>\n  </parent>\n" "$2"
    printf "  <creationTime>%s</creationTime>\n" "${3:-1700000000}"
    printf "  <disks>\n    <disk name='vda' checkpoint='bitmap'"
    printf " bitmap='%s'/>\n  </disks>\n" "$1"
    element x | sed -n '/<domain /,/<\/domain>/p' |
        sed "s|</os>|&<devices>$has</devices>|"
    printf '</domaincheckpoint>\n'
}
