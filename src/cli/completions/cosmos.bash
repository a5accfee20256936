# Completes the commands, options, values and names of cosmos; files where there is nothing else.
_cosmos() {
    local line program=${COMP_WORDS[0]/#\~/$HOME}
    COMPREPLY=()
    while IFS= read -r line; do
        COMPREPLY+=("${line%%$'\t'*}")
    done < <("$program" complete -- "${COMP_WORDS[@]:0:COMP_CWORD+1}" 2>/dev/null)
}
complete -o nosort -o bashdefault -o default -F _cosmos cosmos 2>/dev/null ||
    complete -o bashdefault -o default -F _cosmos cosmos
