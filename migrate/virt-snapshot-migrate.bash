# Completion for bash of virt-snapshot-migrate(8). The functions that it shares
# with virt-snapshot-verify(8) lie beside it, or in the sources in ../verify.
if ! declare -F _virt_snapshot_common >/dev/null; then
    for _virt_snapshot_file in \
        "${BASH_SOURCE[0]%/*}/virt-snapshot-verify" \
        "${BASH_SOURCE[0]%/*}/../verify/virt-snapshot-verify.bash"; do
        # shellcheck disable=SC1090
        [[ -f $_virt_snapshot_file ]] && . "$_virt_snapshot_file" && break
    done
    unset _virt_snapshot_file
fi

_virt_snapshot_migrate()
{
    local whole option value
    COMPREPLY=()
    _virt_snapshot_word
    _virt_snapshot_common && return
    case $option in
    --merge) _virt_snapshot_offer bulk legacy ;;
    --repair) _virt_snapshot_offer safe all ;;
    --transform) _virt_snapshot_files '*.xsl' ;;
    --output-dir | --backup) _virt_snapshot_files ;;
    *)
        if [[ $whole == -* ]]; then
            _virt_snapshot_options --export -n --dry-run --merge= --repair= \
                --transform= --output-dir= --backup= -d --domain= --root= \
                --no-suffix --severity= --strict --schema= \
                --max-bulk-size= --allow-running -j --jobs= --no-memo \
                --progress= -q --quiet --verbose --syslog -h --help --usage \
                -V --version
        else
            # shellcheck disable=SC2034
            value=$whole
            _virt_snapshot_files
        fi
        ;;
    esac
}
complete -F _virt_snapshot_migrate virt-snapshot-migrate
