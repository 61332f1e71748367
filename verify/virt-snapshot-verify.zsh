#compdef virt-snapshot-verify
# Completion for zsh of virt-snapshot-verify(8).

_virt_snapshot_verify_ids()
{
    local -a ids
    ids=(${${(f)"$(_call_program ids virt-snapshot-verify --list-problems \
        2>/dev/null)"}%% *})
    compadd "$@" -a ids
}

_virt_snapshot_verify_severities()
{
    if compset -P '*='; then
        compadd "$@" error warning ignore
    else
        _virt_snapshot_verify_ids "$@" -S =
    fi
}

# The domains in the directory that will be looked at, in either layout.
_virt_snapshot_verify_domains()
{
    local base=${opt_args[--root]-} kind=${opt_args[--kind]:-snapshot}
    local -a names
    if [[ -n ${line[1]-} && -d ${(Q)line[1]} ]]; then
        base=${(Q)line[1]}
    elif ((EUID == 0)); then
        base=${(Q)base}/var/lib/libvirt/qemu/$kind
    else
        base=${(Q)base}${XDG_CONFIG_HOME:-$HOME/.config}/libvirt/qemu/$kind
    fi
    names=($base/*(N/:t) $base/*.xml(N.:t:r))
    compadd "$@" -a names
}

_virt_snapshot_verify_formats()
{
    local -a formats=(text xml json jsonl junit sarif github html dot sh)
    _alternative "formats:format:($formats)" 'files:stylesheet:_files -g "*.xsl"'
}

_virt_snapshot_verify()
{
    local curcontext=$curcontext state line
    typeset -A opt_args
    _arguments -s -S \
        '--list[print trees, and which libvirt would show what]' \
        '--explain=[say what a problem means]:problem:_virt_snapshot_verify_ids' \
        '--list-problems[list all problems that can be found]' \
        '*'{-d+,--domain=}'[check only this domain]:domain:_virt_snapshot_verify_domains' \
        '--kind=[what to check]:kind:(snapshot checkpoint)' \
        '--root=[default paths are below a mounted system]:directory:_files -/' \
        '--no-suffix[bulk files are called DOMAIN, not DOMAIN.xml]' \
        '--domains-dir=[compare with domain definitions]:directory:_files -/' \
        '--check-images[look for the images that snapshots name]' \
        '*--severity=[how bad a problem is]:problem=word:_virt_snapshot_verify_severities' \
        '--strict[warnings count as errors]' \
        '*--schema=[one more RELAX NG schema]: :_alternative "words:schema:(libvirt)" "files:file:_files -g \"*.rng\""' \
        '--max-bulk-size=[largest bulk file that libvirt reads]:size:(128M)' \
        '--baseline=[what this report found is known]:report:_files -g "*.xml"' \
        '(-j --jobs)'{-j+,--jobs=}'[threads to read with]:number:' \
        '--no-memo[judge each snapshot as a whole]' \
        '--progress=[show progress]:when:(auto always never)' \
        '(-f --format)'{-f+,--format=}'[form of the report]:format:_virt_snapshot_verify_formats' \
        '(-o --output)'{-o+,--output=}'[write the report to a file]:file:_files' \
        '(-q --quiet)'{-q,--quiet}'[print findings only]' \
        '--verbose[print what findings lead to and what to do]' \
        '(- *)'{-h,--help}'[print help]' \
        '(- *)--usage[print the options only]' \
        '(- *)'{-V,--version}'[print the version]' \
        '*:path:_files'
}

_virt_snapshot_verify "$@"
