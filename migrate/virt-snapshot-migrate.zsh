#compdef virt-snapshot-migrate
# Completion for zsh of virt-snapshot-migrate(8).

_virt_snapshot_migrate_severities()
{
    local -a ids
    if compset -P '*='; then
        compadd "$@" error warning ignore
    else
        ids=(${${(f)"$(_call_program ids virt-snapshot-verify --list-problems \
            2>/dev/null)"}%% *})
        compadd "$@" -S = -a ids
    fi
}

# The domains in the directory that will be looked at, in either layout.
_virt_snapshot_migrate_domains()
{
    local base=${opt_args[--root]-}
    local -a names
    if [[ -n ${line[1]-} && -d ${(Q)line[1]} ]]; then
        base=${(Q)line[1]}
    elif ((EUID == 0)); then
        base=${(Q)base}/var/lib/libvirt/qemu/snapshot
    else
        base=${(Q)base}${XDG_CONFIG_HOME:-$HOME/.config}/libvirt/qemu/snapshot
    fi
    names=($base/*(N/:t) $base/*.xml(N.:t:r))
    compadd "$@" -a names
}

_virt_snapshot_migrate()
{
    local curcontext=$curcontext state line
    typeset -A opt_args
    _arguments -s -S \
        '--export[convert bulk files back into legacy directories]' \
        '(-n --dry-run)'{-n,--dry-run}'[print what would be done]' \
        '--merge=[both layouts differ: keep all, this side wins]:side:(bulk legacy)' \
        '--repair=[mend what is damaged]:how much:(safe all)' \
        '--transform=[change each snapshot by a stylesheet]:file:_files -g "*.xsl"' \
        '--output-dir=[write the result to a directory]:directory:_files -/' \
        '--backup=[keep what is replaced]:directory:_files -/' \
        '*'{-d+,--domain=}'[convert only this domain]:domain:_virt_snapshot_migrate_domains' \
        '--root=[default paths are below a mounted system]:directory:_files -/' \
        '--no-suffix[bulk files are called DOMAIN, not DOMAIN.xml]' \
        '*--severity=[how bad a problem is]:problem=word:_virt_snapshot_migrate_severities' \
        '--strict[warnings count as errors]' \
        '*--schema=[one more RELAX NG schema]: :_alternative "words:schema:(libvirt)" "files:file:_files -g \"*.rng\""' \
        '--max-bulk-size=[largest bulk file that libvirt reads]:size:(128M)' \
        '--allow-running[go on although libvirt may be running]' \
        '(-j --jobs)'{-j+,--jobs=}'[threads to read with]:number:' \
        '--no-memo[judge each snapshot as a whole]' \
        '--progress=[show progress]:when:(auto always never)' \
        '(-q --quiet)'{-q,--quiet}'[print errors only]' \
        '--verbose[print the plan, what findings mean, what to do]' \
        '--syslog[send the outcome to the system log as well]' \
        '(- *)'{-h,--help}'[print help]' \
        '(- *)--usage[print the options only]' \
        '(- *)'{-V,--version}'[print the version]' \
        '1:directory:_files -/'
}

_virt_snapshot_migrate "$@"
