# Completion for bash of virt-snapshot-verify(8), and what that of
# virt-snapshot-migrate(8) shares with it.

# What is being completed, into `whole': the shell splits a word at = and :, as
# in --severity=ID=WORD; here it is one again. `option' is its option, or the
# word before it; `value' is what stands behind that.
_virt_snapshot_word()
{
    local i=$COMP_CWORD
    whole=${COMP_WORDS[i]}
    while ((i > 1)) && [[ ${COMP_WORDS[i]} == [=:]* ||
        ${COMP_WORDS[i - 1]} == [=:]* ]]; do
        i=$((i - 1))
        whole=${COMP_WORDS[i]}$whole
    done
    case $whole in
    --*=*)
        option=${whole%%=*}
        value=${whole#*=}
        ;;
    -*)
        option=
        value=
        ;;
    *)
        option=${COMP_WORDS[i - 1]}
        [[ $option == -* ]] || option=
        value=$whole
        ;;
    esac
}

# Take values as answers. The shell replaces only what is behind the last = or :
# at which it splits words.
_virt_snapshot_add()
{
    local word cut='' c
    for c in = :; do
        [[ $COMP_WORDBREAKS == *"$c"* && $whole == *"$c"* ]] || continue
        word=${whole%"$c"*}$c
        ((${#word} <= ${#cut})) || cut=$word
    done
    for word; do
        word=${whole%"$value"}$word
        COMPREPLY+=("${word#"$cut"}")
    done
}

# Offer those of the words that begin with what is there.
_virt_snapshot_offer()
{
    local word
    for word; do
        [[ $word != "$value"* ]] || _virt_snapshot_add "$word"
    done
}

# Offer words to which something is to be added.
_virt_snapshot_offer_part()
{
    compopt -o nospace 2>/dev/null
    _virt_snapshot_offer "$@"
}

# Offer directories, and files whose names match the pattern.
_virt_snapshot_files()
{
    local path real
    compopt -o filenames 2>/dev/null
    while IFS= read -r path; do
        real=$path
        # shellcheck disable=SC2088
        [[ $path != '~/'* ]] || real=$HOME/${path#'~/'}
        # shellcheck disable=SC2053
        if [[ -d $real || (-n ${1-} && $path == $1) ]]; then
            _virt_snapshot_add "$path"
        fi
    done < <(compgen -f -- "$value")
}

_virt_snapshot_ids()
{
    virt-snapshot-verify --list-problems 2>/dev/null | cut -d ' ' -f 1
}

_virt_snapshot_severities()
{
    local id words=()
    if [[ $value == *=* ]]; then
        id=${value%%=*}
        _virt_snapshot_offer "$id=error" "$id=warning" "$id=ignore"
    else
        mapfile -t words < <(_virt_snapshot_ids)
        _virt_snapshot_offer_part "${words[@]/%/=}"
    fi
}

# The directory that the program will look at: one on the command line, or the
# default below that of --root.
_virt_snapshot_base()
{
    local i word root='' kind=snapshot
    for ((i = 1; i < ${#COMP_WORDS[@]}; i++)); do
        word=${COMP_WORDS[i]//\\/}
        if [[ $word == --kind=checkpoint || ($word == checkpoint &&
            ${COMP_WORDS[i - 1]} == = && ${COMP_WORDS[i - 2]} == --kind) ]]; then
            kind=checkpoint
        elif [[ $word == --root && ${COMP_WORDS[i + 1]-} == = ]]; then
            root=${COMP_WORDS[i + 2]-}
        elif [[ $word == --root=* ]]; then
            root=${word#--root=}
        elif [[ $word == --root ]]; then
            root=${COMP_WORDS[i + 1]-}
        elif ((i != COMP_CWORD)) && [[ $word != -* && $word != [=:]* &&
            ${COMP_WORDS[i - 1]} != [=:]* && ${COMP_WORDS[i - 1]} != -[dfjo] &&
            -d $word ]]; then
            printf '%s\n' "$word"
            return
        fi
    done
    if ((EUID == 0)); then
        printf '%s\n' "$root/var/lib/libvirt/qemu/$kind"
    else
        printf '%s\n' "$root${XDG_CONFIG_HOME:-$HOME/.config}/libvirt/qemu/$kind"
    fi
}

# The domains in that directory, in either layout, quoted for the shell.
_virt_snapshot_domains()
{
    local base path name names=()
    base=$(_virt_snapshot_base)
    for path in "$base"/*; do
        name=${path##*/}
        if [[ -f $path && $name == *.xml ]]; then
            name=${name%.xml}
        elif [[ ! -d $path ]]; then
            continue
        fi
        printf -v name %q "$name"
        names+=("$name")
    done
    _virt_snapshot_offer "${names[@]}"
}

# What is offered behind the options that both programs have; false if the
# option is none of these.
_virt_snapshot_common()
{
    local words=()
    case $option in
    -d | --domain) _virt_snapshot_domains ;;
    --root) _virt_snapshot_files ;;
    --schema)
        _virt_snapshot_files '*.rng'
        _virt_snapshot_offer libvirt
        ;;
    --severity) _virt_snapshot_severities ;;
    --progress) _virt_snapshot_offer auto always never ;;
    --max-bulk-size) _virt_snapshot_offer 128M ;;
    -j | --jobs) ;;
    *) return 1 ;;
    esac
}

# Offer options; those that take a value end with =.
_virt_snapshot_options()
{
    local word
    value=$whole
    for word; do
        case $word in
        *=) _virt_snapshot_offer_part "$word" ;;
        *) _virt_snapshot_offer "$word" ;;
        esac
    done
    # Only what takes no value is complete.
    [[ ${#COMPREPLY[@]} != 1 || ${COMPREPLY[0]} == *= ]] ||
        compopt +o nospace 2>/dev/null
}

_virt_snapshot_verify()
{
    local whole option value words=()
    COMPREPLY=()
    _virt_snapshot_word
    _virt_snapshot_common && return
    case $option in
    -f | --format)
        _virt_snapshot_files '*.xsl'
        _virt_snapshot_offer text xml json jsonl junit sarif github html dot \
            sh
        ;;
    -o | --output) _virt_snapshot_files '*' ;;
    --baseline) _virt_snapshot_files '*.xml' ;;
    --kind) _virt_snapshot_offer snapshot checkpoint ;;
    --domains-dir) _virt_snapshot_files ;;
    --explain)
        mapfile -t words < <(_virt_snapshot_ids)
        _virt_snapshot_offer "${words[@]}"
        ;;
    *)
        if [[ $whole == -* ]]; then
            _virt_snapshot_options --list --explain= --list-problems \
                -d --domain= --kind= --root= --no-suffix --domains-dir= \
                --check-images --severity= --strict --schema= \
                --max-bulk-size= --baseline= -j --jobs= --no-memo \
                --progress= -f --format= -o --output= -q --quiet --verbose \
                -h --help --usage -V --version
        else
            value=$whole
            _virt_snapshot_files '*.xml'
        fi
        ;;
    esac
}
complete -F _virt_snapshot_verify virt-snapshot-verify
